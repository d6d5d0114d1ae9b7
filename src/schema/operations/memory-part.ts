import type { HeapSpace, ThreadMemory } from '../../core/memory.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'

const directives = requiresOneOf('admin')

/** Adds `HeapSpace`. */
export function addHeapSpace(builder: Builder) {
  return builder.objectRef<HeapSpace>('HeapSpace').implement({
    description: 'A space of the JavaScript heap of the main thread.',
    directives,
    fields: (t) => ({
      name: t.exposeString('name', {
        ...forAllWhoMay,
        description: "V8's name of the space: new_space has what is young, old_space what has stayed.",
      }),
      usedBytes: t.exposeFloat('usedBytes', {
        ...forAllWhoMay,
        description: 'What of the space is in use, in bytes.',
      }),
      sizeBytes: t.exposeFloat('sizeBytes', { ...forAllWhoMay, description: 'The size of the space, in bytes.' }),
    }),
  })
}

/** Adds `ThreadMemory`. */
export function addThreadMemory(builder: Builder) {
  return builder.objectRef<ThreadMemory>('ThreadMemory').implement({
    description: 'The memory of a thread for tasks, which has a heap of its own.',
    directives,
    fields: (t) => ({
      threadId: t.exposeInt('threadId', { ...forAllWhoMay, description: 'The number of the thread in its process.' }),
      task: t.exposeString('task', {
        ...forAllWhoMay,
        nullable: true,
        description: 'The name of the task that the thread runs; null where it runs none.',
      }),
      heapUsedBytes: t.exposeFloat('heapUsed', {
        ...forAllWhoMay,
        description: 'What of the heap of the thread is in use, garbage among it, in bytes.',
      }),
      heapTotalBytes: t.exposeFloat('heapTotal', {
        ...forAllWhoMay,
        description: 'The size of the heap of the thread, in bytes.',
      }),
      heapLimitBytes: t.exposeFloat('heapLimit', {
        ...forAllWhoMay,
        description:
          'How large the heap of the thread may become, in bytes: beyond that its job fails (COMPUTE_HEAP_MB).',
      }),
      externalBytes: t.exposeFloat('external', {
        ...forAllWhoMay,
        description: 'Memory outside of the heap that belongs to objects in it, in bytes.',
      }),
    }),
  })
}
