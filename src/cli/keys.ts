import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { openAccounts } from '../app.ts'
import { readConfig } from '../config.ts'
import type { SigningKey } from '../services/accounts/keys/signing-keys.ts'

export interface KeysOptions {
  readonly json: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** `millrace keys list`: the keys that access tokens are signed with. */
export async function listKeys(options: KeysOptions): Promise<void> {
  await using opened = await open(options)
  show(opened.accounts.signingKeys(), options)
}

/** `millrace keys rotate`: works on the data folder itself; a server that uses it goes on with the new keys within a second. */
export async function rotateKeys(options: KeysOptions): Promise<void> {
  await using opened = await open(options)
  show(await opened.accounts.rotateSigningKeys(null, null), options)
}

function open({ environment }: KeysOptions) {
  return openAccounts(readConfig(environment), pinoLogger({ level: 'warn', pretty: process.stderr.isTTY }))
}

const meanings = {
  NEXT: 'published; signs after the next rotation',
  ACTIVE: 'signs',
  RETIRED: 'verifies until its last token has expired',
} as const satisfies Record<SigningKey['state'], string>

function show(keys: readonly SigningKey[], { json }: KeysOptions): void {
  const shown = keys.map((key) => ({ ...key, createdAt: time(key.createdAt), retiredAt: time(key.retiredAt) }))
  if (json) return console.log(JSON.stringify(shown))
  for (const { kid, state, algorithm, createdAt } of shown) {
    console.log(`${kid}  ${algorithm}  ${state.padEnd(7)}  made ${createdAt}  ${meanings[state]}`)
  }
}

function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
