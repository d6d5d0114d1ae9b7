import type { Builder } from '../builder.ts'

/** Adds the enum `Chosen`, which stands for a case of an input that has no fields: GraphQL has no empty input types. */
export function addChosen(builder: Builder) {
  return builder.enumType('Chosen', {
    description: 'Chooses a case that has nothing to be filled in, such as `shape: { none: YES }`.',
    values: { YES: { description: 'That case.' } },
  })
}
