import type { Builder } from '../builder.ts'
import { addPasskeyChallenge } from './passkey-challenge.ts'
import { addPasskeyChanges } from './passkey-changes.ts'
import { addPasskeyRegistration, type PasskeyParts } from './passkey-registration.ts'
import { addPasskeySignIn, type PasskeySignInParts } from './passkey-sign-in.ts'
import { addPasskey } from './passkey.ts'

type Parts = Omit<PasskeyParts, 'passkey' | 'challenge'> & Omit<PasskeySignInParts, 'challenge'>

/** Adds everything about passkeys. */
export function addPasskeys(builder: Builder, given: Parts): void {
  const parts = { ...given, passkey: addPasskey(builder), challenge: addPasskeyChallenge(builder) }
  addPasskeyRegistration(builder, parts)
  addPasskeySignIn(builder, parts)
  addPasskeyChanges(builder, parts)
}
