import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import type { ChaosMill } from './chaos-mill.ts'
import { checkHistory, type Violation } from './check-history.ts'
import type { Evidence } from './checks/check.ts'
import { chaosTasks } from './chaos-tasks.ts'
import { countUnfinished, hasLitter, readRecord } from './read-record.ts'
import type { RestingRecord } from './resting-record.ts'

/** For so long, in ms, no job may have ended before no more is waited for; what is left by then the checks will find. */
const stallMs = 30_000
/** How long a start may take to clear away what a crash left, in ms. */
const litterMs = 10_000

/** Waits until a running mill has nothing more to do, and ends it. */
export async function comeToRest(mill: ChaosMill): Promise<void> {
  let left = countUnfinished(mill.folder)
  let changedAt = performance.now()
  while (left > 0 && performance.now() < changedAt + stallMs) {
    await sleep(50)
    const now = countUnfinished(mill.folder)
    if (now !== left) changedAt = performance.now()
    left = now
  }
  await eventually(() => !hasLitter(mill.folder), litterMs).catch(() => undefined)
  await mill.stop('SIGTERM')
}

export interface Judgement {
  readonly record: RestingRecord
  readonly violations: readonly Violation[]
}

/** Compares what was seen with what lies in the folder of a mill that has come to rest. */
export function judge(folder: string, seen: Pick<Evidence, 'history' | 'isCutOff'>): Judgement {
  const record = readRecord(folder)
  return { record, violations: checkHistory({ ...seen, record, tasks: chaosTasks }) }
}
