import type { ActiveResource, GcFigures, LoopStatus } from '../../core/loop.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import { addLoopHold } from './loop-hold.ts'

const directives = requiresOneOf('admin')

const kinds = {
  MINOR: { value: 'minor', description: 'What is young: often, and short.' },
  MAJOR: { value: 'major', description: 'The whole heap: seldom, and longer the more is held.' },
  INCREMENTAL: { value: 'incremental', description: 'A step of a collection of the whole heap.' },
  WEAKCB: { value: 'weakcb', description: 'The callbacks of objects that went.' },
} as const satisfies Record<string, { value: GcFigures['kind']; description: string }>

/** Adds `LoopStatus` and what it is made of. */
export function addLoopStatus(builder: Builder) {
  const gc = addGcFigures(builder)
  const resource = addActiveResource(builder)
  const hold = addLoopHold(builder)
  return builder.objectRef<LoopStatus>('LoopStatus').implement({
    description:
      'What a process knows of its event loop. How late and how busy the loop is stands in `load` of the process.',
    directives,
    fields: (t) => ({
      gc: t.expose('gc', {
        ...forAllWhoMay,
        type: [gc],
        description: 'The pauses for garbage collection by kind, since the process began.',
      }),
      resources: t.expose('resources', {
        ...forAllWhoMay,
        type: [resource],
        description: 'What keeps the event loop alive by type, the most frequent first, at most 30.',
      }),
      holds: t.expose('holds', {
        ...forAllWhoMay,
        type: [hold],
        description:
          'What held the event loop longest in the last ten minutes, longest first: at most 50, and 10 in a stream.',
      }),
    }),
  })
}

function addGcFigures(builder: Builder) {
  const kind = builder.enumType('GcKind', { description: 'The kinds of garbage collection.', values: kinds })
  return builder.objectRef<GcFigures>('GcFigures').implement({
    description: 'The pauses of the main thread for one kind of garbage collection, since the process began.',
    directives,
    fields: (t) => ({
      kind: t.expose('kind', { ...forAllWhoMay, type: kind, description: 'What was collected.' }),
      count: t.exposeFloat('count', { ...forAllWhoMay, description: 'How many pauses there were.' }),
      totalMs: t.exposeFloat('totalMs', { ...forAllWhoMay, description: 'How long all of them took together, in ms.' }),
      maxMs: t.exposeFloat('maxMs', { ...forAllWhoMay, description: 'How long the longest took, in ms.' }),
    }),
  })
}

function addActiveResource(builder: Builder) {
  return builder.objectRef<ActiveResource>('ActiveResource').implement({
    description: 'Things of one type that keep the event loop of a process alive.',
    directives,
    fields: (t) => ({
      type: t.exposeString('type', {
        ...forAllWhoMay,
        description: 'The type by the name that Node has for it: TCPSocketWrap is a connection, Timeout a timer.',
      }),
      count: t.exposeInt('count', {
        ...forAllWhoMay,
        description: 'How many of them there are. A number that only ever rises is a leak.',
      }),
    }),
  })
}
