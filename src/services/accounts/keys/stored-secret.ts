import { randomBytes } from 'node:crypto'
import { SealError, type Sealer } from '../../../core/sealer.ts'
import type { Records, Store } from '../../../ports/store.ts'

/**
 * The secrets that an installation makes for itself: random bytes that are kept sealed in the store. They outlive the root
 * secret, which only seals them: it can be changed without a password or a code being lost.
 */
export const storedSecretNames = ['passwordPepper', 'recoveryCodes'] as const

export type StoredSecretName = (typeof storedSecretNames)[number]

/** The root secret is not the one that the store was sealed with: a start-up error. The message says what to do. */
export class RootSecretError extends Error {
  readonly code = 'ROOT_SECRET_WRONG'

  constructor() {
    super(
      'The root secret is not the one that this database was sealed with. Set MILLRACE_SECRET to the one it was, or restore the file `secret` of the data folder; if it was changed on purpose, give the old one as MILLRACE_SECRET_PREVIOUS.',
    )
    this.name = 'RootSecretError'
  }
}

/** The stored setting that holds the secret. */
export function secretSetting(name: StoredSecretName): string {
  return `secret:${name}`
}

/** The context that the value of a setting is sealed with. */
export function settingContext(setting: string): string {
  return `settings.value ${setting}`
}

/**
 * The 32 bytes of that secret, made at the first call. `before` is what stood for it before it was stored: it is kept where
 * there are users already. Throws a `RootSecretError` when no root secret opens it.
 */
export async function storedSecret(
  { store, sealer }: { readonly store: Store; readonly sealer: Sealer },
  name: StoredSecretName,
  before: Buffer | null = null,
): Promise<Buffer> {
  const setting = secretSetting(name)
  const seal = (secret: Buffer) => sealer.seal(secret.toString('base64url'), settingContext(setting))
  const fresh = seal(randomBytes(32))
  const kept = before === null ? fresh : seal(before)
  const existing = await store.read(({ settings }) => settings.get(setting))
  const sealed = existing ?? (await store.write((records) => enter(records, setting, { fresh, kept })))
  try {
    return Buffer.from(sealer.open(sealed, settingContext(setting)), 'base64url')
  } catch (error) {
    throw error instanceof SealError ? new RootSecretError() : error
  }
}

/** Enters one of the two unless another process was first; gives what is stored then. */
async function enter(
  { settings, accounts }: Records,
  setting: string,
  { fresh, kept }: { readonly fresh: string; readonly kept: string },
): Promise<string> {
  const users = await accounts.listUsers({ search: null, before: null, limit: 1 })
  const value = users.length === 0 ? fresh : kept
  if (await settings.set(setting, value, null)) return value
  const theirs = await settings.get(setting)
  if (theirs === null) throw new Error(`The stored setting ${setting} was removed while it was being made.`)
  return theirs
}
