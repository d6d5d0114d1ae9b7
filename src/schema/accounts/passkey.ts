import { passkeys } from '../../resolvers/accounts/passkeys.ts'
import type { Passkey } from '../../services/accounts/passkeys/outward-passkey.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds `Passkey` and `Query.passkeys`. */
export function addPasskey(builder: Builder) {
  const passkey = builder.objectRef<Passkey>('Passkey').implement({
    description: 'A passkey or a security key (WebAuthn): the only thing that its owner needs to sign in.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names the passkey.' }),
      credentialId: t.exposeString('credentialId', {
        description: 'The id in WebAuthn, base64url: for `PublicKeyCredential.signalAllAcceptedCredentials()`.',
      }),
      name: t.exposeString('name', { description: 'What its owner calls it.' }),
      aaguid: t.exposeString('aaguid', {
        description: 'The kind of authenticator that keeps it, as it says of itself; zeros when it does not say.',
      }),
      transports: t.stringList({
        description: 'How it is reached, such as `internal`, `hybrid` or `usb`.',
        resolve: ({ transports }) => [...transports],
      }),
      synced: t.boolean({
        description: 'Whether it has been backed up, as those are that are on several devices.',
        resolve: ({ backedUp }) => backedUp,
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was set up.' }),
      lastUsedAt: t.expose('lastUsedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was last used; null: never since it was set up.',
      }),
      suspectedAt: t.expose('flaggedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When its counter went backwards, as that of a copy does: it is not accepted any more, remove it.',
      }),
    }),
  })

  builder.queryField('passkeys', (t) =>
    t.field({
      type: [passkey],
      directives: requiresOneOf('account:read'),
      description: 'Your passkeys, oldest first.',
      resolve: passkeys,
    }),
  )

  return passkey
}

export type PasskeyRef = ReturnType<typeof addPasskey>
