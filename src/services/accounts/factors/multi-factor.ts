import type { AccountParts } from '../parts.ts'
import { createMfa, type MfaService } from './complete-mfa.ts'
import { createOwnFactors, type OwnFactors } from './own-factors.ts'
import { createStepUp, type StepUpService } from './step-up.ts'
import { createTotp, type TotpService } from './totp.ts'

/** Second factors: showing them, showing them again, and looking after them. Passkeys have a chapter of their own. */
export interface MultiFactor extends MfaService, StepUpService, TotpService, OwnFactors {}

export function createMultiFactor(parts: AccountParts): MultiFactor {
  return { ...createMfa(parts), ...createStepUp(parts), ...createTotp(parts), ...createOwnFactors(parts) }
}
