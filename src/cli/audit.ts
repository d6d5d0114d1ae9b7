import { once } from 'node:events'
import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { openAccounts } from '../compose/open-accounts.ts'
import { readConfig } from '../config.ts'
import { isId } from '../core/ids.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import { CliFailure } from './failure.ts'
import { printable } from './printable.ts'

export interface ExportAuditOptions {
  /** Ms since 1970; `null`: from the beginning. */
  readonly since: number | null
  /** The id or the email address of the user whom the events are about; `null`: all. */
  readonly user: string | null
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** `millrace audit export`: one JSON object a line, newest first, as fast as they are taken. */
export async function exportAudit({ since, user, environment }: ExportAuditOptions): Promise<void> {
  const logger = pinoLogger({ level: 'warn', pretty: process.stderr.isTTY })
  await using opened = await openAccounts(readConfig(environment), logger)
  const userId = user === null ? null : await userIdOf(opened.accounts, user)
  for await (const event of opened.accounts.auditTrail({ userId, since })) {
    const line = JSON.stringify({ ...event, at: new Date(event.at).toISOString() })
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
  }
}

/** The log outlives whom it is about: an id needs no user who is still there. */
async function userIdOf(accounts: Accounts, user: string): Promise<string> {
  if (isId('user', user)) return user
  const found = await accounts.findUser(user, null)
  if (found === null) throw new CliFailure(`There is no user ${printable(user)}.`, { code: 'NOT_FOUND' })
  return found.id
}
