import { accessSync, constants, globSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Service {
  /** The names under which PATH may have it; the first that is found is taken. */
  readonly commands: readonly string[]
  readonly debianPackage: string
  /** Where it may lie besides, as a pattern. */
  readonly folders?: string
  /** The files that need it, as paths from the top of the project. */
  readonly neededBy: RegExp
}

/** The programs that tests and benchmarks start themselves, on free ports and in folders of their own. */
export const services = {
  chromium: {
    commands: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    debianPackage: 'chromium',
    neededBy: /^test\/e2e\/.*browser/,
  },
  postgres: {
    commands: ['postgres'],
    debianPackage: 'postgresql',
    // Debian keeps the versions apart and only links the clients.
    folders: '/usr/lib/postgresql/*/bin',
    neededBy: /^bench\/jobs\.ts$/,
  },
  redis: {
    commands: ['redis-server'],
    debianPackage: 'redis-server',
    neededBy:
      /^bench\/(jobs|cluster)\.ts$|^test\/contracts\/(bus|redis-.+)\.test\.ts$|^test\/e2e\/(chaos|cluster-shared)\.test\.ts$/,
  },
} as const satisfies Record<string, Service>

export type ServiceName = keyof typeof services

/** The services that the files need and PATH does not have. */
export function missingServices(files: readonly string[]): readonly ServiceName[] {
  return serviceNames.filter(
    (name) => files.some((file) => services[name].neededBy.test(file)) && findService(name) === null,
  )
}

/** The path of a service's program. Throws an error that names the Debian package when PATH does not have it. */
export function servicePath(name: ServiceName): string {
  const path = findService(name)
  if (path !== null) return path
  throw new Error(`This needs ${name}, which is not on PATH. The Debian package is ${services[name].debianPackage}.`)
}

// The keys of a literal table.
const serviceNames = Object.keys(services) as ServiceName[]

function findService(name: ServiceName): string | null {
  const service: Service = services[name]
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const folders = service.folders === undefined ? onPath : [...onPath, ...globSync(service.folders)]
  const candidates = service.commands.flatMap((command) => folders.map((folder) => join(folder, command)))
  return candidates.find(isExecutable) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
