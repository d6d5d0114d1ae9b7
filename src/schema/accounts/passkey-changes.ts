import { removePasskey } from '../../resolvers/accounts/remove-passkey.ts'
import { type PasskeyChange, renamePasskey } from '../../resolvers/accounts/rename-passkey.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import type { PasskeyRef } from './passkey.ts'

interface ChangeParts {
  readonly refusals: Refusals
  readonly passkey: PasskeyRef
}

/** Adds `Mutation.renamePasskey` and `Mutation.removePasskey`. */
export function addPasskeyChanges(builder: Builder, parts: ChangeParts): void {
  addRename(builder, parts)
  addRemove(builder, parts)
}

function addRename(builder: Builder, { refusals, passkey }: ChangeParts): void {
  const renamed = builder.objectRef<PasskeyChange>('PasskeyRenamed').implement({
    description: 'The passkey has its new name.',
    fields: (t) => ({
      passkey: t.field({ type: passkey, description: 'The passkey.', resolve: (value) => value.passkey }),
    }),
  })

  const result = builder.unionType('RenamePasskeyResult', {
    description: 'How a renaming ended.',
    types: [renamed, refusals.invalidInput],
    resolveType: (value) => refusalTypeName(value) ?? 'PasskeyRenamed',
  })

  builder.mutationField('renamePasskey', (t) =>
    t.field({
      type: result,
      description: 'Gives one of your passkeys another name.',
      args: {
        id: t.arg.id({ required: true, description: 'Which one.' }),
        name: t.arg.string({ required: true, description: 'The name, 1 to 100 characters.' }),
      },
      resolve: renamePasskey,
    }),
  )
}

function addRemove(builder: Builder, { refusals, passkey }: ChangeParts): void {
  const removed = builder.objectRef<PasskeyChange>('PasskeyRemoved').implement({
    description: 'The passkey is not accepted any more. What the browser keeps of it stays there.',
    fields: (t) => ({
      passkey: t.field({ type: passkey, description: 'The passkey as it was.', resolve: (value) => value.passkey }),
    }),
  })

  const result = builder.unionType('RemovePasskeyResult', {
    description: 'How a removal ended.',
    types: [removed, refusals.lastWayIn],
    resolveType: (value) => refusalTypeName(value) ?? 'PasskeyRemoved',
  })

  builder.mutationField('removePasskey', (t) =>
    t.field({
      type: result,
      description:
        'Removes one of your passkeys; with your last second factor the recovery codes go, too. Asks for factors that were shown within 5 minutes.',
      args: { id: t.arg.id({ required: true, description: 'Which one.' }) },
      resolve: removePasskey,
    }),
  )
}
