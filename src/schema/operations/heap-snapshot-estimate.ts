import type { HeapSnapshotEstimate } from '../../core/heap-snapshot.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'

/** Adds `HeapSnapshotEstimate`. Open to everybody, as the refusal that it is part of. */
export function addHeapSnapshotEstimate(builder: Builder) {
  const bytes = 'in bytes'
  return builder.objectRef<HeapSnapshotEstimate>('HeapSnapshotEstimate').implement({
    description: 'What taking a heap snapshot of a process would cost now, at most: on the careful side.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      pauseMs: t.exposeInt('pauseMs', {
        ...forAllWhoMay,
        description: 'For how long the process would answer nobody, in ms.',
      }),
      sizeBytes: t.exposeFloat('sizeBytes', {
        ...forAllWhoMay,
        description: `The size of the file, ${bytes}.`,
      }),
      freeBytes: t.exposeFloat('freeBytes', {
        ...forAllWhoMay,
        description: `What is free on the disk, ${bytes}: it must be twice the size, and DISK_FREE_MB.`,
      }),
      memoryBytes: t.exposeFloat('memoryBytes', {
        ...forAllWhoMay,
        description: `The memory that taking it needs on top of what the process has, ${bytes}. Most of it the process keeps.`,
      }),
      availableBytes: t.exposeFloat('availableBytes', {
        ...forAllWhoMay,
        description: `The memory that the process may still have, ${bytes}.`,
      }),
    }),
  })
}

export type HeapSnapshotEstimateRef = ReturnType<typeof addHeapSnapshotEstimate>
