import type { Notice, NoticeSeverity } from '../../ports/notices.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'

const meanings = {
  INFO: { description: 'Good to know.' },
  WARNING: { description: 'Something may not work as it does otherwise.' },
  CRITICAL: { description: 'Something does not work, or something must be done.' },
} as const satisfies Record<NoticeSeverity, { description: string }>

/** Adds `Notice` and `NoticeSeverity`. */
export function addNotice(builder: Builder) {
  const severity = builder.enumType('NoticeSeverity', {
    description: 'How much a notice matters to who reads it.',
    values: meanings,
  })
  const notice = builder.objectRef<Notice>('Notice').implement({
    description: 'Something that administrators tell everybody.',
    directives: requiresOneOf('channels:read', 'admin'),
    fields: (t) => ({
      id: t.exposeID('id', { ...forAllWhoMay, description: 'Names the notice.' }),
      text: t.exposeString('text', { ...forAllWhoMay, description: 'What it says, as plain text.' }),
      severity: t.expose('severity', { ...forAllWhoMay, type: severity, description: 'How much it matters.' }),
      publishedAt: t.expose('publishedAt', { ...forAllWhoMay, type: 'DateTime', description: 'Since when it holds.' }),
      until: t.expose('until', {
        ...forAllWhoMay,
        type: 'DateTime',
        description: 'Until when, unless it is withdrawn before. Nothing more is told when this has come.',
      }),
    }),
  })
  return { notice, severity }
}

export type NoticeRefs = ReturnType<typeof addNotice>
