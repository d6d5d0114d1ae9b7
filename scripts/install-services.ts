import { existsSync } from 'node:fs'
import { missingServices, services } from '../test/support/services.ts'
import { runCommand } from './run-command.ts'

/** Each waits for a package manager that is at work already, and tries again when the network hiccups. */
const aptOptions = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3']

/**
 * Makes sure that what the test files or benchmarks need is there: takes it from PATH and installs the rest when root on Debian.
 * Answers a sentence that says what is missing, `null` when nothing is.
 */
export async function installServices(files: readonly string[], signal: AbortSignal): Promise<string | null> {
  const missing = missingServices(files)
  if (missing.length === 0) return null
  const packages = missing.map((name) => services[name].debianPackage)
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    return `${missing.join(' and ')} must be on PATH. On Debian: apt-get install ${packages.join(' ')}`
  }
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    process.stdout.write(`apt-get ${args.join(' ')}\n`)
    const { code } = await runCommand('apt-get', [...aptOptions, ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      output: 'inherit',
      signal,
    })
    if (code !== 0) return `apt-get ${args.join(' ')} failed; ${missing.join(' and ')} must be on PATH.`
  }
  const stillMissing = missingServices(files)
  return stillMissing.length === 0
    ? null
    : `apt-get installed ${packages.join(' ')}, but PATH has no ${stillMissing.join(', no ')}.`
}
