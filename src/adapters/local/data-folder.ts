import { constants, existsSync } from 'node:fs'
import { access, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { newSecret } from '../../core/secrets.ts'

/** A data folder that cannot be used: a start-up error whose message says what to do. */
export class DataFolderError extends Error {
  readonly code: 'DATA_FOLDER_UNUSABLE' | 'DATA_FOLDER_LOCKED'

  constructor(code: DataFolderError['code'], message: string) {
    super(message)
    this.name = 'DataFolderError'
    this.code = code
  }
}

/** Where everything lies that is kept. */
export interface DataFolder {
  readonly path: string
  readonly database: string
  readonly lock: string
  /** The folder of uploaded files. */
  readonly files: string
  /** The folder of heap snapshots; made when it is needed. */
  readonly snapshots: string
  /** The folder of files that tasks are writing; made when it is needed. */
  readonly scratch: string
  /** The part of it that is for one of several processes. */
  scratchOf(nodeId: string): string
  /** Removes what is in it, or what one process left in its part. Only for who holds the lock. */
  removeScratch(nodeId?: string): Promise<void>
  /** The root secret: read from the folder, made there the first time (32 random bytes, readable by the owner only). */
  rootSecret(): Promise<string>
}

const databaseName = 'millrace.sqlite'
const lockName = 'lock'

/** Whether the folder is there with a database in it. Changes nothing. */
export function hasDatabase(path: string): boolean {
  return existsSync(join(path, databaseName))
}

/** Makes the folder when it is not there and sees that it and what lies in it can be written. Throws a `DataFolderError`. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const files = join(path, 'files')
  try {
    await makeFolder(path)
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    // The folder may have been made by somebody for everybody. SQLite gives its other files the mode of the first.
    for (const name of [databaseName, lockName]) await keepPrivate(join(path, name))
    await makeFolder(files)
    await access(files, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw unusable(path, error)
  }
  const scratch = join(path, 'scratch')
  const scratchOf = (nodeId: string) => join(scratch, nodeId)
  return {
    path,
    database: join(path, databaseName),
    lock: join(path, lockName),
    files,
    snapshots: join(path, 'snapshots'),
    scratch,
    scratchOf,
    removeScratch: (nodeId) => rm(nodeId === undefined ? scratch : scratchOf(nodeId), { recursive: true, force: true }),
    rootSecret: () => rootSecret(join(path, 'secret')),
  }
}

function unusable(path: string, error: unknown): DataFolderError {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  const where = error instanceof Error && 'path' in error && typeof error.path === 'string' ? `, at ${error.path}` : ''
  return new DataFolderError(
    'DATA_FOLDER_UNUSABLE',
    `The data folder ${path} cannot be made, read and written (${reason}${where}). Set DATA_DIR to a folder that this user may write.`,
  )
}

/** One level after the other: Node's own `recursive` never ends below folders like /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path || (await exists(dirname(path)))) throw error
    await makeFolder(dirname(path))
    await mkdir(path, { mode: 0o700 })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Sees to it that nobody but the owner can read the file; makes it, empty, when it is not there. */
async function keepPrivate(file: string): Promise<void> {
  await using handle = await open(file, 'a', 0o600)
  await handle.chmod(0o600)
}

async function rootSecret(file: string): Promise<string> {
  try {
    // Of two processes that start at once, one makes the file and both read it.
    await writeFile(file, `${newSecret()}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw unusable(dirname(file), error)
  }
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unusable(dirname(file), error)
  })
  const secret = text.trim()
  if (secret.length >= 32) return secret
  throw new DataFolderError(
    'DATA_FOLDER_UNUSABLE',
    `The secret in ${file} is too short to be one. Restore it from a backup: nothing that was sealed with it opens without it.`,
  )
}
