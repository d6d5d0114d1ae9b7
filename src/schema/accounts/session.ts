import type { EnumRef as PothosEnumRef } from '@pothos/core'
import type { AuthMethod } from '../../core/auth-method.ts'
import type { Delivery } from '../../ports/accounts/account-records.ts'
import { sessions } from '../../resolvers/accounts/sessions.ts'
import type { ShownSession } from '../../resolvers/accounts/shown-session.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder, BuilderTypes } from '../builder.ts'

type EnumRef<Value> = PothosEnumRef<BuilderTypes, Value>

/** Adds `Session`, `Delivery`, `AuthMethod` and `Query.sessions`. Its fields are public one by one, as those of `User` are. */
export function addSession(builder: Builder) {
  const delivery = builder.enumType('Delivery', {
    description: 'How a session is proven.',
    values: {
      COOKIE: { description: 'By a cookie that scripts cannot read: for browsers.' },
      TOKENS: { description: 'By an access token in the header `Authorization: Bearer …`: for everything else.' },
    } as const,
  })

  const authMethod = builder.enumType('AuthMethod', {
    description: 'A way to show who one is.',
    values: {
      PASSWORD: { description: 'The password of the account.' },
      TOTP: { description: 'A code of an authenticator app.' },
      RECOVERY_CODE: { description: 'One of the recovery codes, in place of a second factor.' },
      PASSKEY: { description: 'A passkey, or a security key.' },
      OAUTH: { description: 'An account at an identity provider.' },
    } as const,
  })

  const session = addSessionType(builder, delivery, authMethod)

  builder.queryField('sessions', (t) =>
    t.field({
      type: [session],
      directives: requiresOneOf('account:read'),
      description: 'Your sessions that have not ended, newest first.',
      resolve: sessions,
    }),
  )

  return { session, delivery, authMethod }
}

function addSessionType(builder: Builder, delivery: EnumRef<Delivery>, authMethod: EnumRef<AuthMethod>) {
  const directives = { skipAuth: {} }

  return builder.objectRef<ShownSession>('Session').implement({
    description: 'One sign-in that has not ended.',
    fields: (t) => ({
      id: t.exposeID('id', { directives, description: 'Names the session; proves nothing.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime', directives, description: 'When it was started.' }),
      lastUsedAt: t.expose('lastUsedAt', {
        type: 'DateTime',
        directives,
        description: 'When it was last used, to about a minute.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        directives,
        description: 'When it ends at the latest; it ends sooner when it is not used.',
      }),
      ip: t.exposeString('ip', { nullable: true, directives, description: 'The address that it was started from.' }),
      userAgent: t.exposeString('userAgent', {
        nullable: true,
        directives,
        description: 'What the browser or program called itself.',
      }),
      delivery: t.expose('delivery', { type: delivery, directives, description: 'How it is proven.' }),
      methods: t.field({
        type: [authMethod],
        directives,
        description: 'What was shown, in that order.',
        resolve: ({ methods }) => [...methods],
      }),
      assurance: t.exposeInt('assurance', { directives, description: 'How many factors were shown: 1 or 2.' }),
      authenticatedAt: t.expose('authenticatedAt', {
        type: 'DateTime',
        directives,
        description: 'When they were shown; what is guarded asks for them again after 5 minutes.',
      }),
      current: t.exposeBoolean('current', {
        directives,
        description: 'Whether this is the session of the present request.',
      }),
    }),
  })
}

export type SessionRefs = ReturnType<typeof addSession>
