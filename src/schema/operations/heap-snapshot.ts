import type { HeapSnapshot, HeapSnapshotReason } from '../../core/heap-snapshot.ts'
import { captureHeapSnapshot } from '../../resolvers/operations/capture-heap-snapshot.ts'
import { deleteHeapSnapshot } from '../../resolvers/operations/delete-heap-snapshot.ts'
import { heapSnapshotUrl } from '../../resolvers/operations/heap-snapshot-url.ts'
import { heapSnapshots } from '../../resolvers/operations/heap-snapshots.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'

const forWhom = 'For administrators in a session who have shown their factors within 5 minutes; no API key can.'
const directives = requiresOneOf('admin')

/** Adds `HeapSnapshot`, the query `heapSnapshots` and the mutations `captureHeapSnapshot` and `deleteHeapSnapshot`. */
export function addHeapSnapshots(builder: Builder, refusals: Refusals): void {
  const snapshot = addHeapSnapshot(builder)
  const result = builder.unionType('CaptureHeapSnapshotResult', {
    description: 'What becomes of a request for a heap snapshot.',
    types: [snapshot, refusals.snapshotRefused, refusals.invalidInput, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'HeapSnapshot',
  })
  builder.queryField('heapSnapshots', (t) =>
    t.field({
      type: [snapshot],
      directives,
      description: 'The heap snapshots that are kept, of all processes, newest first. For administrators.',
      resolve: heapSnapshots,
    }),
  )
  builder.mutationFields((t) => ({
    captureHeapSnapshot: t.field({
      type: result,
      directives,
      description: `Takes a heap snapshot of a process, which answers nobody meanwhile: without \`maxPauseMs\` it is only told for how long, by SnapshotRefusedError. The error NOT_FOUND says that no such process serves. The answer comes when the snapshot is there, also where that takes longer than OPERATION_SECONDS. ${forWhom}`,
      args: {
        member: t.arg.int({
          description: 'The number of the process in `clusterStatus`; by default the one that answers this request.',
        }),
        thread: t.arg.int({
          description:
            'The number of a thread for tasks of that process in `systemStatus`: it is of its heap, and the process goes on; what runs in that thread is late, which no time limit counts. By default it is of the heap of the main thread.',
        }),
        maxPauseMs: t.arg.int({
          description:
            'For how long the process may answer nobody, or the thread for tasks stand still, 1 to 600,000 ms: none is taken that is estimated to take longer.',
        }),
      },
      resolve: captureHeapSnapshot,
    }),
    deleteHeapSnapshot: t.boolean({
      directives,
      description: `Deletes a heap snapshot before its time is over. True, or the error NOT_FOUND. ${forWhom}`,
      args: { id: t.arg.id({ required: true, description: 'Which one, as `heapSnapshots` gives it.' }) },
      resolve: deleteHeapSnapshot,
    }),
  }))
}

const reasons = {
  ASKED_FOR: { description: 'An administrator asked for it.' },
  HEAP_HIGH: { description: 'The alert HEAP_HIGH was raised.' },
  RSS_HIGH: { description: 'The alert RSS_HIGH was raised.' },
  EXTERNAL_HIGH: { description: 'The alert EXTERNAL_HIGH was raised.' },
  MEMORY_GROWTH: { description: 'The alert MEMORY_GROWTH was raised.' },
  HEAP_GROWN: { description: 'No alert was raised as yet: the heap grew, and was small enough for a short pause.' },
} as const satisfies Record<HeapSnapshotReason, { description: string }>

function addHeapSnapshot(builder: Builder) {
  const reason = builder.enumType('HeapSnapshotReason', {
    description: 'Why a heap snapshot was taken.',
    values: reasons,
  })
  return builder.objectRef<HeapSnapshot>('HeapSnapshot').implement({
    description:
      "All that was in a JavaScript heap of a process at a time, secrets among it, in V8's format, which browsers' developer tools load. The main thread and each thread for tasks have a heap of their own, none of which shows the others.",
    directives,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'What it is fetched and deleted by.' }),
      member: t.exposeInt('member', { description: 'The number of the process in `clusterStatus`.' }),
      pid: t.exposeInt('pid', { description: 'The number of the process in the operating system.' }),
      threadId: t.exposeInt('threadId', {
        nullable: true,
        description:
          'The number of the thread for tasks whose heap it is, as `systemStatus` has it; null: it is that of the main thread.',
      }),
      reason: t.expose('reason', { type: reason, description: 'Why it was taken.' }),
      sizeBytes: t.exposeFloat('sizeBytes', { description: 'The size of the file, in bytes.' }),
      takenAt: t.expose('takenAt', { type: 'DateTime', description: 'When it was begun.' }),
      pausedMs: t.exposeInt('pausedMs', {
        nullable: true,
        description:
          'For how long the thread stood still for it, in ms; null where that is not known. While the main thread does, the process answers nobody.',
      }),
      url: t.string({
        description: `Where it can be fetched. ${forWhom}`,
        resolve: heapSnapshotUrl,
      }),
    }),
  })
}
