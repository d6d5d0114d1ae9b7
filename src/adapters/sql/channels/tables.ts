import type { Generated } from 'kysely'
import type { NoticeSeverity } from '../../../ports/notices.ts'

/** The tables of channels and notices, by the rules of `Database`. */
export interface ChannelTables {
  idempotency_keys: {
    user_id: string
    topic: string
    key: string
    input_hash: string
    /** JSON. */
    result: Generated<string>
    expires_at: number
  }
  notices: {
    id: string
    text: string
    severity: NoticeSeverity
    published_at: number
    until: number
  }
}
