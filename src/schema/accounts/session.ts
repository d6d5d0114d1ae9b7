import { sessions } from '../../resolvers/accounts/sessions.ts'
import type { ShownSession } from '../../resolvers/accounts/shown-session.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds `Session`, `Delivery` and `Query.sessions`. Its fields are public one by one, as those of `User` are. */
export function addSession(builder: Builder) {
  const directives = { skipAuth: {} }

  const delivery = builder.enumType('Delivery', {
    description: 'How a session is proven.',
    values: {
      COOKIE: { description: 'By a cookie that scripts cannot read: for browsers.' },
      TOKENS: { description: 'By an access token in the header `Authorization: Bearer …`: for everything else.' },
    } as const,
  })

  const session = builder.objectRef<ShownSession>('Session').implement({
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
      current: t.exposeBoolean('current', {
        directives,
        description: 'Whether this is the session of the present request.',
      }),
    }),
  })

  builder.queryField('sessions', (t) =>
    t.field({
      type: [session],
      directives: requiresOneOf('account:read'),
      description: 'Your sessions that have not ended, newest first.',
      resolve: sessions,
    }),
  )

  return { session, delivery }
}

export type SessionRefs = ReturnType<typeof addSession>
