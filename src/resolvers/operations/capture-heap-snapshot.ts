import type { HeapSnapshot } from '../../core/heap-snapshot.ts'
import { snapshotWaitMs } from '../../services/operations/heap-snapshots/heap-snapshots.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'

interface Arguments {
  readonly member?: number | null | undefined
  readonly thread?: number | null | undefined
  readonly maxPauseMs?: number | null | undefined
}

export function captureHeapSnapshot(
  _root: unknown,
  { member = null, thread: threadId = null, maxPauseMs = null }: Arguments,
  context: RequestContext,
): Promise<HeapSnapshot | Refused> {
  const { services, principal, client, trace } = context
  trace?.mayWait(snapshotWaitMs({ threadId, maxPauseMs }))
  return outcome(context, ['INVALID_INPUT', 'RATE_LIMITED', 'SNAPSHOT_REFUSED'], () =>
    services.heapSnapshots.capture(principal, { member, threadId, maxPauseMs }, client),
  )
}
