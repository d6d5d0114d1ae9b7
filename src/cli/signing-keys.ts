import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { openAccounts } from '../compose/open-accounts.ts'
import { readConfig } from '../config.ts'
import type { SigningKey } from '../services/accounts/keys/signing-keys.ts'

export interface SigningKeysOptions {
  readonly json: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** `millrace signing-keys list`: the keys that access tokens are signed with. */
export async function listSigningKeys(options: SigningKeysOptions): Promise<void> {
  await using opened = await open(options)
  show(opened.accounts.signingKeys(), options)
}

/** `millrace signing-keys rotate`: works on the data folder itself; a server that uses it goes on with the new keys within a second. */
export async function rotateSigningKeys(options: SigningKeysOptions): Promise<void> {
  await using opened = await open(options)
  show(await opened.accounts.rotateSigningKeys(null, null), options)
}

function open({ environment }: SigningKeysOptions) {
  return openAccounts(readConfig(environment), pinoLogger({ level: 'warn', pretty: process.stderr.isTTY }))
}

const meanings = {
  NEXT: 'published; signs after the next rotation',
  ACTIVE: 'signs',
  RETIRED: 'verifies until its last token has expired',
} as const satisfies Record<SigningKey['state'], string>

function show(keys: readonly SigningKey[], { json }: SigningKeysOptions): void {
  const shown = keys.map((key) => ({ ...key, createdAt: time(key.createdAt), retiredAt: time(key.retiredAt) }))
  if (json) return console.log(JSON.stringify(shown))
  for (const { kid, state, algorithm, createdAt } of shown) {
    console.log(`${kid}  ${algorithm}  ${state.padEnd(7)}  made ${createdAt}  ${meanings[state]}`)
  }
}

function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
