import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { installServices } from './install-services.ts'
import { interruptExitCode, interruptSignal } from './interrupt.ts'
import { readArguments } from './read-arguments.ts'
import { projectRoot, runCommand } from './run-command.ts'
import { tallyVariable } from './tally-reporter.ts'
import type { Tally } from './tally-reporter.ts'

const help = `npm test [-- FILTER...]

Runs the tests: all of them, or those whose path from the top of the project contains one of the filters.
  npm test -- test/unit
  npm test -- cursor upload

What a test needs besides node is taken from PATH. As root on Debian it is installed when it is missing; otherwise the run
fails at once and names the packages. A test that is skipped counts as failed. The last line is "N passed, N failed".
For everything else (watching, one test by name) use vitest itself: npx vitest --help
`

const nothingCounted: Tally = { passed: 0, failed: 1, notRun: [] }

/** The test files that the filters choose. Throws when a filter chooses none. */
function chooseFiles(filters: readonly string[]): readonly string[] {
  const all = globSync('test/**/*.test.ts', { cwd: projectRoot }).toSorted()
  const wanted = filters.map((filter) =>
    filter.startsWith('.') || filter.startsWith('/') ? relative(projectRoot, filter) : filter,
  )
  const idle = wanted.find((filter) => !all.some((file) => file.includes(filter)))
  if (idle !== undefined) throw new Error(`No test file's path contains "${idle}".`)
  if (all.length === 0) throw new Error('There is no test file.')
  return wanted.length === 0 ? all : all.filter((file) => wanted.some((filter) => file.includes(filter)))
}

/** Runs vitest over the files and answers what it came to. What a test left running counts as a failure. */
async function runTests(files: readonly string[], signal: AbortSignal): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  try {
    const path = join(folder, 'tally.json')
    const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'tally-reporter.ts')}`]
    const options = { env: { [tallyVariable]: path }, output: 'inherit', signal } as const
    const { code, leftBehind } = await runCommand(
      'vitest',
      ['run', '--allowOnly=false', ...reporters, ...files],
      options,
    )
    const tally = readTally(path)
    for (const name of tally.notRun) console.error(`Did not run, which counts as failed: ${name}`)
    for (const { pid, command } of leftBehind) console.error(`Was left running, and killed: ${command} (${pid})`)
    const failed = tally.failed + leftBehind.length
    const brokeUnseen = failed === 0 && (code !== 0 || tally.passed === 0)
    return { ...tally, failed: brokeUnseen ? 1 : failed }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readTally(path: string): Tally {
  if (!existsSync(path)) {
    console.error('The run ended before it could be counted.')
    return nothingCounted
  }
  // Written by the reporter in this folder.
  return JSON.parse(readFileSync(path, 'utf8')) as Tally
}

async function testThem(filters: readonly string[], signal: AbortSignal): Promise<Tally> {
  try {
    const files = chooseFiles(filters)
    const missing = await installServices(files, signal)
    if (missing === null) return await runTests(files, signal)
    console.error(missing)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
  return nothingCounted
}

const { positionals } = readArguments({ allowPositionals: true }, help)
const signal = interruptSignal()
const { passed, failed } = await testThem(positionals, signal)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = signal.aborted ? interruptExitCode(signal) : Number(failed > 0)
