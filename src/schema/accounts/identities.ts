import type { Builder } from '../builder.ts'
import { addIdentityLinks } from './identity-links.ts'
import { addIdentity } from './identity.ts'
import { addOAuthCodeInput } from './oauth-code-input.ts'
import { addOAuthSignIn } from './oauth-sign-in.ts'
import type { EntryParts } from './sign-in.ts'

/** Adds everything about identity providers. */
export function addIdentities(builder: Builder, parts: EntryParts): void {
  const codeInput = addOAuthCodeInput(builder)
  const started = addOAuthSignIn(builder, parts, codeInput)
  addIdentityLinks(builder, { ...parts, started, codeInput, identity: addIdentity(builder) })
}
