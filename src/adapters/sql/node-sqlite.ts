import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

/**
 * How long a statement may hold the event loop while another process writes, in ms. The driver is synchronous, so a longer
 * wait would freeze the loop (two writers were measured to stall 130 to 630 ms); who is refused tries again later.
 */
const busyTimeoutMs = 2

/** How long a checkpoint may wait for writers and readers, in ms; in a thread of its own. Writers wait meanwhile. */
const checkpointTimeoutMs = 250

/** How many prepared statements a connection keeps; Millrace has fewer different ones. */
const statementCacheSize = 500

/** How long the write-ahead log is, in pages, and how many of them are in the database file already. */
interface LogLength {
  readonly pages: number
  readonly moved: number
}

/** A database that is open for Kysely's SQLite dialect. */
export interface OpenSqlite extends SqliteDatabase {
  /** `noop` only looks (before SQLite 3.51 it is `passive`). Throws what SQLite says. */
  checkpoint(mode: 'noop' | 'passive' | 'restart'): LogLength
}

/** Opens a database file, which makes no checkpoints by itself (`keepCheckpoints`). Throws what SQLite says when it cannot. */
export function openNodeSqlite(path: string, options: { readonly readOnly: boolean }): OpenSqlite {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    database.exec('pragma journal_mode = wal')
    // Survives kill -9; a power cut may take the last commits, which the epoch rule answers.
    database.exec('pragma synchronous = normal')
    database.exec('pragma wal_autocheckpoint = 0')
    if (options.readOnly) database.exec('pragma query_only = on')
  } catch (error) {
    database.close()
    throw error
  }
  const cache = new Map<string, SqliteStatement>()
  return {
    close: () => {
      cache.clear()
      database.close()
    },
    checkpoint: (mode) => checkpoint(database, mode),
    // A prepared statement from the cache makes a query 2 to 4 times as fast (measured).
    prepare: (text) => {
      const cached = cache.get(text)
      if (cached !== undefined) return cached
      if (cache.size >= statementCacheSize) cache.clear()
      const statement = wrap(database.prepare(text))
      cache.set(text, statement)
      return statement
    },
  }
}

/** Opens a database file for nothing but checkpoints, which wait. Throws what SQLite says when it cannot. */
export function openForCheckpoints(path: string): Pick<OpenSqlite, 'checkpoint' | 'close'> {
  const database = new DatabaseSync(path, { timeout: checkpointTimeoutMs })
  database.exec('pragma synchronous = normal')
  return { checkpoint: (mode) => checkpoint(database, mode), close: () => database.close() }
}

function checkpoint(database: DatabaseSync, mode: 'noop' | 'passive' | 'restart'): LogLength {
  const row = database.prepare(`pragma wal_checkpoint(${mode})`).get()
  return { pages: Number(row?.['log'] ?? 0), moved: Number(row?.['checkpointed'] ?? 0) }
}

function wrap(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(toSqlValue)),
    run: (parameters) => statement.run(...parameters.map(toSqlValue)),
    iterate: (parameters) => statement.iterate(...parameters.map(toSqlValue)),
  }
}

/** node:sqlite takes a leading plain object for named parameters and stores NULL: refuse what is no SQL value. */
function toSqlValue(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Uint8Array) return value
  throw new TypeError(`A value of type ${typeof value} cannot be stored; convert it first.`)
}

/** Whether SQLite refused because another process holds the lock (SQLITE_BUSY and its extended codes). */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5
  )
}

/**
 * Holds a file exclusively for as long as this process lives, through SQLite's own lock, which the operating system drops
 * with the process however it dies. `null` when another process (or another app in this one) holds it; call the result to let go.
 */
export function lockExclusively(path: string): (() => void) | null {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    database.exec('begin exclusive')
    return () => database.close()
  } catch (error) {
    database.close()
    if (isBusy(error)) return null
    throw error
  }
}
