import { sessions } from '../../resolvers/accounts/sessions.ts'
import { watchSessions } from '../../resolvers/accounts/watch-sessions.ts'
import type { SessionEvent } from '../../services/accounts/sessions/watch-sessions.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { SessionRefs } from './session.ts'

/** Adds `SessionEvent` and `Subscription.sessionEvents`. */
export function addSessionEvents(builder: Builder, { session }: Pick<SessionRefs, 'session'>): void {
  const directives = requiresOneOf('account:read')

  const kind = builder.enumType('SessionEventKind', {
    description: 'What can happen to a session.',
    values: {
      PRESENT: { description: 'Nothing has happened: the first event of a stream, about the session that watches.' },
      STARTED: { description: 'Somebody has signed in.' },
      RENEWED: { description: 'Factors were shown again, or more of them; its cookie or tokens are new ones since.' },
      ENDED: { description: 'It was signed out or revoked, and nothing works with it any more.' },
    } as const,
  })

  const event = builder.objectRef<SessionEvent>('SessionEvent').implement({
    description: 'Something that happened to one of your sessions.',
    directives,
    fields: (t) => ({
      kind: t.expose('kind', { type: kind, description: 'What happened.' }),
      sessionId: t.exposeID('sessionId', { description: 'The session that it happened to.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
      sessions: t.field({
        type: [session],
        description: 'Your sessions that have not ended, newest first. As of now, also in an event of the past.',
        resolve: (_event, args, context) => sessions(null, args, context),
      }),
    }),
  })

  builder.subscriptionField('sessionEvents', (t) =>
    t.field({
      type: event,
      directives,
      description:
        'What happens to your sessions: first those that there are, then each that starts, is renewed or ends. A session that ends takes its own stream along.',
      subscribe: watchSessions,
      resolve: (sessionEvent) => sessionEvent,
    }),
  )
}
