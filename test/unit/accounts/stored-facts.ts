import { createSealer } from '../../../src/core/sealer.ts'
import type { AuditEventName, AuditEventRecord } from '../../../src/ports/accounts/audit-log.ts'
import type { Store } from '../../../src/ports/store.ts'
import type { Notice } from '../../../src/services/accounts/mail/notices.ts'
import { mailContext, type QueuedMail } from '../../../src/services/accounts/mail/queue-mail.ts'

/** The sealer of `openAccounts`. */
const sealer = createSealer(['s'.repeat(32)])

/** The lines of the audit log, oldest first. */
export async function auditLines(
  store: Store,
  event: AuditEventName | null = null,
): Promise<readonly AuditEventRecord[]> {
  const query = { subjectId: null, event, before: null, limit: 2000 }
  return (await store.read(({ audit }) => audit.list(query))).toReversed()
}

/** The notices that wait to be sent, oldest first, each with its recipient. */
export async function queuedNotices(store: Store): Promise<readonly (Notice & { readonly to: string })[]> {
  const waiting = await store.read(({ mails }) => mails.list())
  return waiting.flatMap(({ id, sealed }) => {
    const mail = JSON.parse(sealer.open(sealed, mailContext(id))) as QueuedMail // as the service entered it
    return mail.kind === 'NOTICE' ? [{ ...mail.notice, to: mail.to }] : []
  })
}
