import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { makeTestFolder } from '../../../test/support/open-test-store.ts'
import { endProcess, nextMessage } from '../../asked-process.ts'
import { tell } from '../../fanout/bench.ts'
import { formatFigure } from '../../jobs/print-figure.ts'
import { median } from '../../paired-rounds.ts'
import type { ClusterOptions } from '../options.ts'
import { inRounds, pairedRatio } from '../rounds.ts'
import { printTable } from '../table.ts'

/** Transactions of all writers together, each of two events that are appended, one after another. */
const transactions = 2000

interface Written {
  readonly perSecond: number
  /** The longest that the event loop of one of them stood still. */
  readonly stallMs: number
}

/** Several processes that write to one SQLite file as fast as they can. */
export async function benchWriters(options: ClusterOptions, stopped: AbortSignal): Promise<void> {
  tell('measuring SQLite with several writers')
  const measured = await inRounds(options.members, { ...options, stopped }, (writers) => write(writers, stopped))
  if (stopped.aborted) return
  const [first = 0] = options.members
  const valuesOf = (writers: number, name: keyof Written) => (measured.get(writers) ?? []).map((each) => each[name])
  const rows = options.members.map((writers) => [
    `${writers} writing`,
    formatFigure(median(valuesOf(writers, 'perSecond'))),
    pairedRatio(valuesOf(writers, 'perSecond'), valuesOf(first, 'perSecond')).toFixed(2),
    formatFigure(median(valuesOf(writers, 'stallMs'))),
    formatFigure(Math.max(...valuesOf(writers, 'stallMs'))),
  ])
  printTable(
    `SQLite, processes that write one transaction after another, medians of ${options.rounds} paired rounds`,
    ['', 'transactions/s', '×', 'longest stall of a loop, ms', 'in the worst round'],
    rows,
  )
  console.log()
}

interface Report {
  readonly acknowledged: number
  readonly longestMs: number
}

async function write(writers: number, stopped: AbortSignal): Promise<Written> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await makeTestFolder())
  const each = Math.ceil(transactions / writers)
  const file = new URL('../../../test/contracts/fixtures/store-writer.ts', import.meta.url)
  const children: ChildProcess[] = []
  for (let number = 1; number <= writers; number += 1) {
    const child = fork(file, [join(folder.path, 'db.sqlite'), `writer${number}`, String(each)], { signal: stopped })
    child.on('error', () => undefined)
    opened.defer(() => endProcess(child))
    children.push(child)
  }
  await Promise.all(children.map((child) => nextMessage(child, 'the writers')))
  const reported = children.map((child) => nextMessage<Report>(child, 'the writers'))
  const started = performance.now()
  for (const child of children) child.send('go')
  const reports = await Promise.all(reported)
  const seconds = (performance.now() - started) / 1000
  return {
    perSecond: reports.reduce((sum, { acknowledged }) => sum + acknowledged, 0) / seconds,
    stallMs: Math.max(...reports.map(({ longestMs }) => longestMs)),
  }
}
