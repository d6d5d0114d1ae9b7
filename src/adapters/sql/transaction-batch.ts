import { CompiledQuery, type Kysely } from 'kysely'
import { retryWhileBusy } from './retry-while-busy.ts'
import type { Database } from './schema.ts'

/** A piece of work that shares a transaction with others. */
export interface Work {
  readonly run: () => Promise<unknown>
  /** Called when what it did was rolled back. */
  readonly undone: () => void
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

export interface TransactionOptions {
  readonly db: Kysely<Database>
  /** The statements that open a transaction; each is tried again while another process holds the lock. */
  readonly begin: readonly string[]
  /** Whether a piece of work can change anything that would have to be undone. */
  readonly writes: boolean
  /** Waited for before each transaction. Must not reject. */
  readonly ready?: () => Promise<void>
  /** Called after each commit, before the work's promises resolve. Must not throw. */
  readonly committed?: () => void
  /** Hears for how many ms a transaction that was committed let nothing else have a turn of the event loop. Must not throw. */
  readonly onHeld?: (ms: number) => void
  /** How long the lock of another process is waited for, in ms. */
  readonly patience?: () => number
}

/** The most pieces of work that share a transaction. */
const batchSize = 256

/**
 * How long a transaction goes on taking work, in ms. The driver is synchronous and Kysely awaits only microtasks, so nothing
 * else gets a turn of the event loop before the commit.
 */
const batchMs = 8

/**
 * Runs what waits in one transaction, each piece under a savepoint of its own, and settles the promises of those it took
 * from the list. Never rejects: when the transaction fails as a whole, so does every piece of it; when it cannot even begin,
 * those who waited longest are told so, that the queue moves on.
 */
export async function runBatch(options: TransactionOptions, waiting: Work[]): Promise<void> {
  const execute = (statement: string) => options.db.executeQuery(CompiledQuery.raw(statement))
  const taken: Work[] = []
  const settle: (() => void)[] = []
  try {
    await options.ready?.()
    for (const statement of options.begin) await retryWhileBusy(() => execute(statement), options.patience)
    const begun = performance.now()
    while (taken.length < batchSize && (taken.length === 0 || performance.now() < begun + batchMs)) {
      const work = waiting.shift()
      if (work === undefined) break
      taken.push(work)
      settle.push(await (options.writes ? runUnderSavepoint(work, execute) : runPlainly(work)))
    }
    await retryWhileBusy(() => execute('commit'), options.patience)
    options.onHeld?.(performance.now() - begun)
  } catch (error) {
    await execute('rollback').catch(() => undefined)
    for (const work of taken.length === 0 ? waiting.splice(0, batchSize) : taken) {
      work.undone()
      work.reject(error)
    }
    return
  }
  options.committed?.()
  for (const settleOne of settle) settleOne()
}

/** Answers what settles the work's promise once the transaction is committed. */
async function runPlainly(work: Work): Promise<() => void> {
  try {
    const value = await work.run()
    return () => work.resolve(value)
  } catch (reason) {
    return () => work.reject(reason)
  }
}

async function runUnderSavepoint(work: Work, execute: (statement: string) => Promise<unknown>): Promise<() => void> {
  await execute('savepoint work')
  try {
    const value = await work.run()
    await execute('release work')
    return () => work.resolve(value)
  } catch (reason) {
    await execute('rollback to work')
    await execute('release work')
    work.undone()
    return () => work.reject(reason)
  }
}
