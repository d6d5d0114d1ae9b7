import { Refusal } from '../../../core/errors.ts'
import { newSecret, secretsEqual, sha256 } from '../../../core/secrets.ts'
import type { Records, Store } from '../../../ports/store.ts'

/** The stored setting that holds the SHA-256 of the set-up token. */
const settingName = 'setupTokenHash'

/** The beginning of an installation. */
export interface SetupTokens {
  /**
   * The one-time token with which the first administrator signs up (ASVS 6.3.2): the first call after a start makes a new
   * one, which ends every older one. `null` once there is an administrator.
   */
  setupToken(): Promise<string | null>
}

export function createSetupToken(store: Store): SetupTokens {
  let made: Promise<string> | null = null

  async function make(): Promise<string> {
    const token = newSecret(24)
    await store.write(({ settings }) => settings.set(settingName, sha256(token)))
    return token
  }

  return {
    async setupToken() {
      const admins = await store.read(({ accounts }) => accounts.countAdmins())
      if (admins > 0) return null
      made ??= make()
      return made
    },
  }
}

/** Throws `INVALID_SETUP_TOKEN` unless the token could be used now; answers the hash that is stored of it. */
export async function assertSetupToken({ accounts, settings }: Records, token: string): Promise<string> {
  const hash = await settings.get(settingName)
  if (hash === null || !secretsEqual(sha256(token), hash) || (await accounts.countAdmins()) > 0) throw refusal()
  return hash
}

/** Uses the token up, in the transaction that enters the administrator. Throws as `assertSetupToken` does. */
export async function takeSetupToken(records: Records, token: string): Promise<void> {
  const hash = await assertSetupToken(records, token)
  if (!(await records.settings.set(settingName, null, hash))) throw refusal()
}

function refusal(): Refusal {
  return new Refusal('INVALID_SETUP_TOKEN', 'The set-up token is wrong or has been used.')
}

/** There is an administrator: no set-up token is good any more. */
export async function endSetupToken({ settings }: Records): Promise<void> {
  await settings.set(settingName, null)
}
