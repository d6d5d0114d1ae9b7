import type { AuditEventRecord } from '../../ports/accounts/audit-log.ts'
import { auditEvents } from '../../resolvers/accounts/audit-events.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { addConnection } from '../connection.ts'
import type { PageInfoRef } from '../page-info.ts'
import { addAuditEventName } from './audit-event-name.ts'
import type { SessionRefs } from './session.ts'

/** Adds `AuditEvent` and `Query.auditEvents`. */
export function addAuditEvents(
  builder: Builder,
  { authMethod, pageInfo }: { readonly authMethod: SessionRefs['authMethod']; readonly pageInfo: PageInfoRef },
): void {
  const eventName = addAuditEventName(builder)
  const event = addAuditEvent(builder, eventName, authMethod)
  const connection = addConnection(builder, {
    name: 'AuditEvent',
    words: ['An event', 'events'],
    node: event,
    pageInfo,
    scopes: ['account:read', 'admin'],
  })

  builder.queryField('auditEvents', (t) =>
    t.field({
      type: connection,
      directives: requiresOneOf('account:read', 'admin'),
      description:
        'What happened to your account, newest first, page by page. For administrators what happened to all accounts, or to one.',
      args: {
        first: t.arg.int({ required: true, defaultValue: 20, description: 'How many at most, from 1 to 100.' }),
        after: t.arg.string({ description: 'The cursor of the last event that you have: the page begins after it.' }),
        event: t.arg({ type: eventName, description: 'Only events of this kind.' }),
        userId: t.arg.id({ description: 'Only what is about this user; another than you for administrators alone.' }),
      },
      resolve: auditEvents,
    }),
  )
}

function addAuditEvent(
  builder: Builder,
  eventName: ReturnType<typeof addAuditEventName>,
  authMethod: SessionRefs['authMethod'],
) {
  const outcome = builder.enumType('AuditOutcome', {
    description: 'How something ended.',
    values: { SUCCESS: { description: 'It was done.' }, FAILURE: { description: 'It was refused.' } } as const,
  })

  const actor = builder.enumType('AuditActor', {
    description: 'Who did something.',
    values: {
      USER: { description: 'Somebody who was signed in.' },
      API_KEY: { description: 'A program with an API key.' },
      ANONYMOUS: { description: 'Somebody who was not known, or not yet.' },
      OPERATOR: { description: 'Whoever runs the server, by the command line.' },
    } as const,
  })

  return builder.objectRef<AuditEventRecord>('AuditEvent').implement({
    description: 'A line of the log of what happens to accounts. Nothing in it is ever changed.',
    directives: requiresOneOf('account:read', 'admin'),
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names the line.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was.' }),
      event: t.expose('event', { type: eventName, description: 'What happened.' }),
      outcome: t.expose('outcome', { type: outcome, description: 'How it ended.' }),
      actor: t.expose('actor', { type: actor, description: 'Who did it.' }),
      actorId: t.exposeID('actorId', {
        nullable: true,
        description: 'The user who did it. Null for nobody who is known, and for an administrator unless you are one.',
      }),
      subjectId: t.exposeID('subjectId', { nullable: true, description: 'The user whom it is about; null: nobody.' }),
      sessionId: t.exposeID('sessionId', { nullable: true, description: 'The session that it was done in.' }),
      keyId: t.exposeID('keyId', { nullable: true, description: 'The API key that it was done with.' }),
      methods: t.field({ type: [authMethod], description: 'What was shown.', resolve: ({ methods }) => [...methods] }),
      assurance: t.exposeInt('assurance', { nullable: true, description: 'How many factors were shown, 1 or 2.' }),
      ip: t.exposeString('ip', { nullable: true, description: 'The address that it was done from.' }),
      userAgent: t.exposeString('userAgent', {
        nullable: true,
        description: 'What the browser or program called itself.',
      }),
      requestId: t.exposeString('requestId', {
        nullable: true,
        description: 'The request, as the log of the server has it.',
      }),
      details: t.field({
        type: 'JSON',
        description: 'Small facts, such as names of roles.',
        resolve: ({ details }) => details,
      }),
    }),
  })
}
