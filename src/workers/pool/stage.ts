import type { AttemptRequest, TaskDescription } from '../../ports/compute-pool.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Control } from '../control.ts'
import type { FromThread, Part, WrittenFilesOrder } from '../messages.ts'
import { type AttemptEnd, closed } from './attempt-end.ts'
import type { Brake } from './brake.ts'
import { releaseWhenGone } from './release-when-gone.ts'
import type { Slot, Slots } from './slots.ts'
import type { Standstills } from './standstills.ts'
import { type ThreadEnd, ThreadRun, type Threads } from './thread-run.ts'

export interface StageOptions {
  readonly threads: Threads
  readonly slots: Slots
  readonly standstills: Standstills
  readonly brake: Brake
  readonly control: Control
  readonly description: TaskDescription
  readonly request: AttemptRequest
  readonly written: WrittenFilesOrder
  readonly logger: Logger
  /** How long a thread may take to come up and load the task, in ms. */
  readonly startDeadlineMs: number
  hear(message: FromThread, from: ThreadRun): void
}

/** What the parts of one attempt run on: gets them threads, counts their time and gives the threads back. */
export interface Stage {
  /** CPU time of all parts so far; `null` where one could not tell. */
  readonly cpuMs: number | null
  /** Resolves when all threads that were ended are gone; `null` where none was. */
  readonly gone: Promise<unknown> | null
  /** Waits for that many threads; or why there are none. */
  take(count: number): Promise<readonly Slot[] | AttemptEnd>
  /** Runs a part to its end on a thread that was taken. */
  perform(part: Part): Promise<ThreadEnd>
  /** Gives the thread back that a part ran on. */
  leave(slot: Slot, end: ThreadEnd): void
}

export function createStage(options: StageOptions): Stage {
  const { slots, brake, description, request, logger } = options
  const turn = slots.nextTurn()
  const going: Promise<unknown>[] = []
  let isNew = true
  let cpuMs: number | null = 0

  async function take(count: number): Promise<readonly Slot[] | AttemptEnd> {
    const wasNew = isNew
    isNew = false
    if (brake.reason !== null) return brake.reason
    const atOnce = slots.tryTake(count, turn)
    if (atOnce !== null) return atOnce
    // Who was on a thread before keeps its place, and is not sent away half-done.
    const answer = await (wasNew ? slots.takeFirst(turn, brake.signal) : slots.take(count, turn, brake.signal))
    return typeof answer === 'string' ? endWithout(answer, brake) : answer
  }

  async function perform(part: Part): Promise<ThreadEnd> {
    // Stopped since the slot was given: nobody would end a part that begins now.
    if (brake.reason !== null) return { outcome: null, death: null, cpuMs: 0, gone: null }
    const { control, written, threads } = options
    // The other parts are handed the input as it was parsed.
    const given = part.type === 'run' || part.type === 'plan' ? request : { ...request, input: null }
    const order = { request: given, file: description.file, part, control: control.memory, written }
    const run = new ThreadRun(threads, order, (message, from) => {
      if (message.type === 'started') clearStart()
      options.hear(message, from)
    })
    const tooLate = () => brake.stop({ type: 'lost', message: 'No thread came up to run the task.' }, 0)
    // Which thread has the order is not known before it says so.
    const clearStart = options.standstills.after(options.startDeadlineMs, () => true, tooLate)
    const letGo = brake.holds(run)
    const end = await run.run()
    clearStart()
    letGo()
    cpuMs = cpuMs === null || end.cpuMs === null ? null : cpuMs + end.cpuMs
    return end
  }

  return {
    get cpuMs() {
      return cpuMs
    },
    get gone() {
      return going.length === 0 ? null : Promise.all(going)
    },
    take,
    perform,
    leave(slot, { gone }) {
      if (gone === null) return slot.release()
      going.push(gone)
      void releaseWhenGone(gone, slot, logger, { job: request.job.id, task: request.task })
    },
  }
}

/** The end of an attempt that was not given its threads. */
function endWithout(why: 'aborted' | 'closed' | 'full', brake: Brake): AttemptEnd {
  if (why === 'full') return { type: 'lost', message: 'More attempts wait for a thread than may wait.' }
  return brake.reason ?? closed
}
