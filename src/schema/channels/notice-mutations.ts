import { publishNotice } from '../../resolvers/channels/publish-notice.ts'
import { withdrawNotice } from '../../resolvers/channels/withdraw-notice.ts'
import type { Notice } from '../../ports/notices.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import type { NoticeRefs } from './notice.ts'

const forWhom = 'For administrators in a session who have shown their factors within 5 minutes; no API key can.'

/** Adds the mutations `publishNotice` and `withdrawNotice`. */
export function addNoticeMutations(builder: Builder, refusals: Refusals, { notice, severity }: NoticeRefs): void {
  const directives = requiresOneOf('admin')

  const accepted = builder.objectRef<Notice>('NoticeAccepted').implement({
    description: 'The notice was published.',
    directives,
    fields: (t) => ({
      notice: t.field({ type: notice, description: 'The notice.', resolve: (published) => published }),
    }),
  })

  const result = builder.unionType('PublishNoticeResult', {
    description: 'What becomes of a request to publish a notice.',
    types: [
      accepted,
      refusals.invalidInput,
      refusals.idempotencyConflict,
      refusals.quotaExceeded,
      refusals.rateLimited,
    ],
    resolveType: (value) => refusalTypeName(value) ?? 'NoticeAccepted',
  })

  builder.mutationFields((t) => ({
    publishNotice: t.field({
      type: result,
      directives,
      description: `Tells something to everybody who is signed in; at most 100 notices are in force at a time. ${forWhom}`,
      args: {
        text: t.arg.string({ required: true, description: 'What, 1 to 2,000 characters of plain text.' }),
        severity: t.arg({ type: severity, required: true, defaultValue: 'INFO', description: 'How much it matters.' }),
        until: t.arg({
          type: 'DateTime',
          description: 'Until when it holds, at most 366 days from now; by default 7 days.',
        }),
        idempotencyKey: t.arg.string({
          description:
            'Of 1 to 200 characters. Within 24 hours the same key of yours with the same notice gives the same one again, and publishes nothing.',
        }),
      },
      resolve: publishNotice,
    }),
    withdrawNotice: t.boolean({
      directives,
      description: `Ends a notice before its time is over. True, or the error NOT_FOUND. ${forWhom}`,
      args: { id: t.arg.id({ required: true, description: 'Which one, as `notices` gives it.' }) },
      resolve: withdrawNotice,
    }),
  }))
}
