import type { Builder } from '../builder.ts'
import type { Refusals } from '../refusals.ts'
import { addCompleteMfa } from './complete-mfa.ts'
import type { MfaMethodRef } from './mfa-required.ts'
import { addMfaStatus } from './mfa-status.ts'
import { addRecoveryCodes } from './recovery-codes.ts'
import type { SignInSuccessRef } from './sign-in-success.ts'
import { addStepUp } from './step-up.ts'
import { addTotp } from './totp.ts'

export interface MultiFactorParts {
  readonly refusals: Refusals
  readonly success: SignInSuccessRef
  readonly mfaMethod: MfaMethodRef
}

/** Adds everything about second factors but passkeys. */
export function addMultiFactor(builder: Builder, { mfaMethod, ...parts }: MultiFactorParts): void {
  const status = addMfaStatus(builder, mfaMethod)
  addCompleteMfa(builder, parts)
  addStepUp(builder, parts)
  addTotp(builder, { ...parts, status })
  addRecoveryCodes(builder, parts.refusals)
}
