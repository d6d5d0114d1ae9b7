import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { openAccounts } from '../compose/open-accounts.ts'
import { readConfig } from '../config.ts'
import type { ResealProgress } from '../services/accounts/keys/reseal-secrets.ts'

export interface RotateSecretsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** `millrace secrets rotate`: works on the data folder itself, also while a server uses it; can be run again. */
export async function rotateSecrets({ environment }: RotateSecretsOptions): Promise<void> {
  const config = readConfig(environment)
  await using opened = await openAccounts(config, pinoLogger({ level: 'warn', pretty: process.stderr.isTTY }))
  const count = await opened.accounts.resealSecrets(tell)
  console.log(
    count === 0
      ? 'Everything was sealed with the present root secret already.'
      : `Sealed ${count} ${count === 1 ? 'thing' : 'things'} anew with the present root secret.`,
  )
  if (config.previousSecrets.length === 0) return
  console.log(
    'MILLRACE_SECRET_PREVIOUS can be dropped once every server was started with the present secret, and ten minutes after that: a sign-in that is under way at an identity provider may take so long.',
  )
}

function tell({ kind, done, total }: ResealProgress): void {
  console.error(`  ${kind}: ${done} of ${total}`)
}
