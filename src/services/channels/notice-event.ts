import type { Notice } from '../../ports/notices.ts'

/** The topic of all notices. */
export const noticesTopic = 'notices'

/** What is told on it, the same for whoever is signed in. */
export type NoticeEvent =
  | { readonly type: 'NoticesSnapshot'; readonly at: number; readonly notices: readonly Notice[] }
  | { readonly type: 'NoticePublished'; readonly at: number; readonly notice: Notice }
  | { readonly type: 'NoticeWithdrawn'; readonly at: number; readonly noticeId: string }
