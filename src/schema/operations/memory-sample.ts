import type { HeldMemory, MemoryMark, MemorySample } from '../../core/memory.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'

const directives = requiresOneOf('admin')

/** Adds `MemorySample`. */
export function addMemorySample(builder: Builder) {
  const figures = [
    [
      'rssBytes',
      'rss',
      'The memory that the operating system has given the whole process, its threads among it, in bytes.',
    ],
    [
      'heapUsedBytes',
      'heapUsed',
      'What of the JavaScript heap of the main thread is in use, garbage among it, in bytes.',
    ],
    ['heapTotalBytes', 'heapTotal', 'The size of the JavaScript heap of the main thread, in bytes.'],
    [
      'heapLimitBytes',
      'heapLimit',
      'How large the JavaScript heap of the main thread may become, in bytes: beyond that the process dies.',
    ],
    [
      'externalBytes',
      'external',
      'Memory outside of the heap that belongs to objects in it, buffers among it, in bytes.',
    ],
    ['arrayBuffersBytes', 'arrayBuffers', 'What of the external memory are buffers, in bytes.'],
  ] as const
  return builder.objectRef<MemorySample>('MemorySample').implement({
    description: 'The memory of a process at a time.',
    directives,
    fields: (t) => ({
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When the memory was looked at.' }),
      ...Object.fromEntries(
        figures.map(([field, name, description]) => [
          field,
          t.float({ ...forAllWhoMay, description, resolve: (sample) => sample[name] }),
        ]),
      ),
    }),
  })
}

export type MemorySampleRef = ReturnType<typeof addMemorySample>

/** Adds `HeldMemory`. */
export function addHeldMemory(builder: Builder) {
  return builder.objectRef<HeldMemory>('HeldMemory').implement({
    description:
      'What a process really held: its memory right after a full garbage collection, when nothing was left that it did not need.',
    directives,
    fields: (t) => ({
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When the garbage was collected.' }),
      heapUsedBytes: t.exposeFloat('heapUsed', {
        ...forAllWhoMay,
        description: 'What was in use of the JavaScript heap of the main thread, in bytes.',
      }),
      externalBytes: t.exposeFloat('external', {
        ...forAllWhoMay,
        description: 'What belonged to objects in the heap and was outside of it, in bytes.',
      }),
    }),
  })
}

/** Adds `MemoryMark`. */
export function addMemoryMark(builder: Builder, sample: MemorySampleRef) {
  return builder.objectRef<MemoryMark>('MemoryMark').implement({
    description: 'The memory of a process at a time that has a name, to compare with.',
    directives,
    fields: (t) => ({
      label: t.exposeString('label', {
        ...forAllWhoMay,
        description:
          'The name: `start`, `ready` (it serves), `baseline` (it has come to rest after its start), or the kind of an alert that was raised then.',
      }),
      sample: t.expose('sample', { ...forAllWhoMay, type: sample, description: 'The memory at that time.' }),
    }),
  })
}
