import { maxPartialBytes, maxValueBytes } from '../../core/value-limits.ts'
import { z } from '../../task.ts'
import { addPartialBytes, type Control } from '../control.ts'
import type { FromThread } from '../messages.ts'
import { toJsonText } from './json-text.ts'
import { createSendWindow } from './send-window.ts'
import { textOfIssues } from './text-of-issues.ts'

/** Partials on their way to the main thread before a task waits. */
const partialWindow = 64
/** Partials that a task which does not await `emit` may pile up. */
const maxWaitingPartials = 1_000

export interface PartialSender {
  emit(this: void, partial: unknown): Promise<void>
  /** The main thread has taken one partial. */
  acknowledge(): void
  /** Resolves once everything emitted has been sent. */
  sent(): Promise<void>
  /** How many have not been sent. */
  readonly waiting: number
  /** What went wrong with a partial, even if the task did not look: the attempt fails with it. */
  readonly failure: Error | null
  /** Ends it: whatever waits is dropped. */
  close(): void
}

/** Checks partial results by the task's schema and sends them as JSON, in order, at most 64 ahead of the main thread. */
export function createPartialSender(
  schema: z.ZodType | null,
  control: Control,
  send: (message: FromThread) => void,
): PartialSender {
  const window = createSendWindow(partialWindow, (json) => send({ type: 'partial', json }))
  let failure: Error | null = null
  let closed = false

  function prepare(partial: unknown): string {
    if (closed) throw new Error('The job has ended: it takes no more partial results.')
    if (schema === null) throw new Error('The task emits partial results but declares no `partial` schema.')
    if (window.waiting >= maxWaitingPartials) {
      throw new Error(`More than ${maxWaitingPartials} partial results are waiting: await every emit().`)
    }
    const json = toJsonText(parsePartial(schema, partial))
    const bytes = Buffer.byteLength(json)
    if (bytes > maxValueBytes) {
      throw new Error(`A partial result has ${bytes} bytes of JSON; it may have ${maxValueBytes}.`)
    }
    // All shards together.
    if (addPartialBytes(control, bytes) <= maxPartialBytes) return json
    throw new Error(`The partial results of one attempt come to more than ${maxPartialBytes / 2 ** 20} MiB of JSON.`)
  }

  async function emit(partial: unknown): Promise<void> {
    try {
      await window.push(prepare(partial))
    } catch (error) {
      if (!closed) failure ??= error instanceof Error ? error : new Error(String(error))
      throw error
    }
  }

  return {
    emit(partial) {
      const emitted = emit(partial)
      // A task may leave the promise alone: the failure is kept, so nothing is lost by calling it handled.
      emitted.catch(() => undefined)
      return emitted
    },
    acknowledge: () => window.acknowledge(),
    sent: () => window.drained(),
    get waiting() {
      return window.waiting
    },
    get failure() {
      return failure
    },
    close() {
      closed = true
      window.close()
    },
  }
}

function parsePartial(schema: z.ZodType, partial: unknown): unknown {
  try {
    const parsed = schema.safeParse(partial)
    if (parsed.success) return parsed.data
    throw new Error(`A partial result does not fit the task's schema. ${textOfIssues(parsed.error)}`)
  } catch (error) {
    if (!(error instanceof z.core.$ZodAsyncError)) throw error
    throw new Error('The `partial` schema checks asynchronously; partial results are checked at once.', {
      cause: error,
    })
  }
}
