import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../run-command.ts'

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/**
 * The lock file, fit for every machine. npm leaves out the packages for other platforms that its registry does not hold,
 * and then `npm ci` refuses the lock everywhere: they are entered here by name, version and platform. And no package is
 * tied to the registry that it came from.
 */
export function generateLock(): ReadonlyMap<string, string> {
  const lock: unknown = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8'))
  // npm's own file, version 3.
  const { packages, ...head } = lock as { readonly packages: Readonly<Record<string, LockedPackage>> }
  const whole = {
    ...Object.fromEntries(Object.entries(packages).flatMap(([path, entry]) => missingFor(path, entry, packages))),
    ...packages,
  }
  const sorted = Object.entries(whole).toSorted(([one], [other]) => one.localeCompare(other, 'en'))
  const free = sorted.map(([path, { resolved: _, ...entry }]) => [path, entry] as const)
  return new Map([
    ['package-lock.json', `${JSON.stringify({ ...head, packages: Object.fromEntries(free) }, null, 2)}\n`],
  ])
}

/** Entries for the optional dependencies of a package that the lock does not hold. */
function missingFor(path: string, entry: LockedPackage, packages: Readonly<Record<string, LockedPackage>>) {
  return Object.entries(entry.optionalDependencies ?? {})
    .filter(
      ([name]) =>
        packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
    )
    .map(([name, version]) => [`node_modules/${name}`, platformPackage(name, version, entry.dev === true)] as const)
}

const platform =
  /(?:^|[/-])(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/

/** Throws for a package whose name does not say for what platform it is. */
function platformPackage(name: string, version: string, dev: boolean): LockedPackage {
  const [, os, cpu, abi] = platform.exec(name) ?? []
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`package-lock.json lacks ${name} ${version}, and its name does not say what it is for.`)
  }
  const libc = { gnu: ['glibc'], musl: ['musl'] }[abi ?? '']
  return { version, cpu: [cpu], ...(dev && { dev }), ...(libc !== undefined && { libc }), optional: true, os: [os] }
}
