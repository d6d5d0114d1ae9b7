import type { MemoryGrowth, MemoryStatus } from '../../core/memory.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import { addHeapSpace, addThreadMemory } from './memory-part.ts'
import { addHeldMemory, addMemoryMark, addMemorySample } from './memory-sample.ts'

const directives = requiresOneOf('admin')

/** Adds `MemoryStatus` and what it is made of. */
export function addMemoryStatus(builder: Builder) {
  const sample = addMemorySample(builder)
  const held = addHeldMemory(builder)
  const mark = addMemoryMark(builder, sample)
  const space = addHeapSpace(builder)
  const thread = addThreadMemory(builder)
  const growth = addMemoryGrowth(builder)
  return builder.objectRef<MemoryStatus>('MemoryStatus').implement({
    description: 'What a process knows of its memory.',
    directives,
    fields: (t) => ({
      now: t.expose('now', { ...forAllWhoMay, type: sample, description: 'The memory as it is.' }),
      held: t.expose('held', {
        ...forAllWhoMay,
        type: held,
        nullable: true,
        description: 'What was held after the last full garbage collection; null before the first one.',
      }),
      spaces: t.expose('spaces', {
        ...forAllWhoMay,
        type: [space],
        description: 'The spaces of the JavaScript heap of the main thread.',
      }),
      threads: t.expose('threads', {
        ...forAllWhoMay,
        type: [thread],
        description: 'The threads for tasks that answered in time, at most 64: a thread in native code answers nobody.',
      }),
      growth: t.expose('growth', {
        ...forAllWhoMay,
        type: growth,
        nullable: true,
        description: 'How what is held grows; null while too little has been seen to judge by.',
      }),
      marks: t.expose('marks', {
        ...forAllWhoMay,
        type: [mark],
        description: 'The memory at times that have names: the baseline, and the newest of the others, at most 10.',
      }),
    }),
  })
}

function addMemoryGrowth(builder: Builder) {
  return builder.objectRef<MemoryGrowth>('MemoryGrowth').implement({
    description:
      'How what a process holds after full garbage collections has changed. A leak rises between nearly all pairs of them.',
    directives,
    fields: (t) => ({
      bytesPerMinute: t.exposeFloat('bytesPerMinute', {
        ...forAllWhoMay,
        description:
          'How much more is held after each minute, in bytes: the median of the slopes between all pairs of collections.',
      }),
      risingPairs: t.exposeFloat('risingPairs', {
        ...forAllWhoMay,
        description:
          'In which part of the pairs the later collection left more, 0 to 1: near 1 it grows without falling.',
      }),
      points: t.exposeInt('points', { ...forAllWhoMay, description: 'From how many collections this is.' }),
      overMs: t.exposeFloat('overMs', {
        ...forAllWhoMay,
        description: 'How long the time between the first and the last of the collections is, in ms.',
      }),
    }),
  })
}
