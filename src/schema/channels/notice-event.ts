import { notices } from '../../resolvers/channels/notices.ts'
import { watchNotices } from '../../resolvers/channels/watch-notices.ts'
import type { NoticeEvent } from '../../services/channels/notice-event.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import type { NoticeRefs } from './notice.ts'

type NoticeEventOf<Type extends NoticeEvent['type']> = Extract<NoticeEvent, { readonly type: Type }>

const directives = requiresOneOf('channels:read')

/** Adds the query and the subscription `notices`, with `NoticeEvent` and its kinds. */
export function addNoticeReading(builder: Builder, { notice }: NoticeRefs): void {
  const noticeEvent = addNoticeEvent(builder)
  const event = { interfaces: [noticeEvent], directives }

  builder.objectRef<NoticeEventOf<'NoticesSnapshot'>>('NoticesSnapshot').implement({
    ...event,
    description: 'The notices in force when the stream opens or, after a gap, goes on.',
    fields: (t) => ({
      notices: t.field({
        ...forAllWhoMay,
        type: [notice],
        description: 'Newest first.',
        resolve: ({ notices: inForce }) => inForce,
      }),
    }),
  })

  builder.objectRef<NoticeEventOf<'NoticePublished'>>('NoticePublished').implement({
    ...event,
    description: 'A notice was published.',
    fields: (t) => ({ notice: t.expose('notice', { ...forAllWhoMay, type: notice, description: 'The notice.' }) }),
  })

  builder.objectRef<NoticeEventOf<'NoticeWithdrawn'>>('NoticeWithdrawn').implement({
    ...event,
    description: 'A notice holds no longer, before its time was over.',
    fields: (t) => ({
      noticeId: t.exposeID('noticeId', { ...forAllWhoMay, description: 'The id of the notice.' }),
    }),
  })

  builder.queryField('notices', (t) =>
    t.field({
      type: [notice],
      directives,
      description: 'The notices in force, newest first. An API key needs the scope CHANNELS_READ.',
      resolve: notices,
    }),
  )

  builder.subscriptionField('notices', (t) =>
    t.field({
      ...forAllWhoMay,
      type: noticeEvent,
      directives,
      description:
        'What administrators tell everybody who is signed in: first the notices in force, then each that is published or withdrawn. Nothing is told when the time of one is over: see `until`. An API key needs the scope CHANNELS_READ.',
      subscribe: watchNotices,
      resolve: (event) => event,
    }),
  )
}

function addNoticeEvent(builder: Builder) {
  return builder.interfaceRef<NoticeEvent>('NoticeEvent').implement({
    description:
      'Something that happened to notices: NoticePublished, NoticeWithdrawn, or first of all NoticesSnapshot.',
    directives,
    resolveType: ({ type }) => type,
    fields: (t) => ({
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When it happened.' }),
    }),
  })
}
