import type { LoopHold } from '../../core/loop.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'

const directives = requiresOneOf('admin')

type What = LoopHold['what']

/** What can hold the loop, with its name and description in the schema. */
const causes = {
  parse: ['PARSE', 'The text of an operation was parsed.'],
  validate: ['VALIDATE', 'An operation was checked against the schema and its limits.'],
  execute: ['EXECUTE', 'The resolvers of an operation ran without a break.'],
  serialise: ['SERIALISE', 'An answer was written as JSON.'],
  store: ['STORE', 'The database ran a transaction: SQLite does so on the event loop.'],
  'garbage collection': ['GARBAGE_COLLECTION', 'V8 collected garbage.'],
  unknown: [
    'UNKNOWN',
    'It was seen only that the loop stood still. The operation was under way then, which does not prove that it was the reason.',
  ],
} as const satisfies Record<What, readonly [string, string]>

/** Adds `LoopHold` and `LoopHoldCause`. */
export function addLoopHold(builder: Builder) {
  const cause = builder.enumType('LoopHoldCause', {
    description: 'What can hold the event loop, so that all else waits.',
    values: Object.fromEntries(
      Object.entries(causes).map(([value, [name, description]]) => [name, { value: value as What, description }]), // the keys of the table
    ),
  })
  return builder.objectRef<LoopHold>('LoopHold').implement({
    description: 'Something that held the event loop for 20 ms or longer: nothing else could be done meanwhile.',
    directives,
    fields: (t) => ({
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When it was over.' }),
      ms: t.exposeFloat('ms', { ...forAllWhoMay, description: 'How long it took, in ms.' }),
      what: t.expose('what', { ...forAllWhoMay, type: cause, description: 'What held the loop.' }),
      operation: t.exposeString('operation', {
        ...forAllWhoMay,
        nullable: true,
        description:
          'The root field of the operation that it was done for, such as "query jobs"; null where it was none.',
      }),
      operationName: t.exposeString('operationName', {
        ...forAllWhoMay,
        nullable: true,
        description: 'The name that the client gave the operation; null where it gave none.',
      }),
      requestId: t.exposeString('requestId', {
        ...forAllWhoMay,
        nullable: true,
        description: 'Under which the log has the operation; null where it was none.',
      }),
    }),
  })
}
