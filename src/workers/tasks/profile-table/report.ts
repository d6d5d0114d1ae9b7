import { performance } from 'node:perf_hooks'
import type { MessagePort } from 'node:worker_threads'
import type { ShardContext } from '../../../task.ts'
import type { ColumnSoFar } from './column-profile.ts'
import type { Sharing } from './share-rows.ts'
import { TableError } from './table-error.ts'
import { createTableProfile, type TableProfile, type TableState } from './table-profile.ts'

/** Running statistics are of the first columns only, so that a wide table does not use up what a job may emit. */
export const runningColumns = 20
/** The second running statistics come so many ms after the first, each next after 3 % more: hundreds in the longest job. */
const firstPauseMs = 300
const pauseGrowth = 1.03

export interface SoFar {
  readonly rows: number
  readonly bytesRead: number
  readonly columns: ColumnSoFar[]
}

/** What a shard tells the first one now and then. */
interface ShardSoFar {
  readonly bytesRead: number
  readonly table: TableState
}

/** Tells how far a shard is. */
export interface Report {
  /**
   * So many bytes of the shard's part have been read. Resolves when reading may go on; throws when the job is to stop, and
   * a `TableError` when another shard has failed.
   */
  read(bytesRead: number): Promise<void>
  /** Nothing more comes. */
  end(): void
}

/**
 * Reports the progress of a shard that has `bytes` to read into `table`. The first shard emits the running statistics of
 * the whole table, for which the others send it theirs.
 */
export function createReport(
  context: ShardContext<unknown, SoFar, Sharing>,
  table: TableProfile,
  bytes: number,
): Report {
  const { shard, shared } = context
  const rows = new BigInt64Array(shared.rows)
  const failed = new Int32Array(shared.failed)
  const others = shard.index === 0 ? hearOthers(shard.of, shard.portTo) : null
  let pauseMs = firstPauseMs
  let toldAt = -Infinity
  let counted = 0

  async function tell(bytesRead: number): Promise<void> {
    if (others === null) {
      const soFar: ShardSoFar = { bytesRead, table: table.state(runningColumns) }
      shard.portTo(0).postMessage(soFar, [])
    } else {
      await context.emit(others.join(bytesRead, table))
    }
  }

  return {
    async read(bytesRead) {
      context.throwIfCancelled()
      if (Atomics.load(failed, 0) !== 0) throw new TableError('Another part of the file cannot be read.')
      const before = Atomics.add(rows, 0, BigInt(table.rows - counted))
      const all = Number(before) + table.rows - counted
      counted = table.rows
      context.progress(bytesRead / bytes, rowsText(all))
      if (bytesRead === bytes || performance.now() - toldAt < pauseMs) return
      await tell(bytesRead)
      toldAt = performance.now()
      pauseMs *= pauseGrowth
    },
    end: () => others?.close(),
  }
}

export function rowsText(rows: number): string {
  return `${rows.toLocaleString('en')} rows`
}

/** Keeps what the other shards sent last. */
function hearOthers(
  of: number,
  portTo: (index: number) => MessagePort,
): { join(bytesRead: number, table: TableProfile): SoFar; close(): void } {
  const latest = new Map<number, ShardSoFar>()
  const listening = Array.from({ length: of - 1 }, (_, before) => {
    const port = portTo(before + 1)
    const hear = (soFar: ShardSoFar): void => void latest.set(before + 1, soFar)
    port.on('message', hear)
    return { port, hear }
  })
  return {
    join(bytesRead, table) {
      if (of === 1) return { rows: table.rows, bytesRead, columns: [...table.soFar(runningColumns)] }
      const joined = createTableProfile([])
      joined.merge(table.state(runningColumns))
      let read = bytesRead
      for (let index = 1; index < of; index += 1) {
        const soFar = latest.get(index)
        if (soFar === undefined) continue
        joined.merge(soFar.table)
        read += soFar.bytesRead
      }
      return { rows: joined.rows, bytesRead: read, columns: [...joined.soFar(runningColumns)] }
    },
    close() {
      for (const { port, hear } of listening) port.off('message', hear)
    },
  }
}
