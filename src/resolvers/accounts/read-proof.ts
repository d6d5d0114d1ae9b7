import type { FactorProof, Proof } from '../../services/accounts/factors/proof.ts'

/** A second factor as it is given: exactly one of these, which GraphQL has seen to (`@oneOf`). */
export interface FactorProofInput {
  readonly totpCode?: string | null | undefined
  readonly recoveryCode?: string | null | undefined
  readonly passkey?: unknown
}

export interface ProofInput extends FactorProofInput {
  readonly password?: string | null | undefined
}

export function readFactorProof({ totpCode, recoveryCode, passkey }: FactorProofInput): FactorProof {
  if (typeof totpCode === 'string') return { method: 'TOTP', code: totpCode }
  if (typeof recoveryCode === 'string') return { method: 'RECOVERY_CODE', code: recoveryCode }
  return { method: 'PASSKEY', response: passkey }
}

export function readProof({ password, ...factor }: ProofInput): Proof {
  return typeof password === 'string' ? { method: 'PASSWORD', password } : readFactorProof(factor)
}
