import type { Principal } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'
import { createPasskeyCheck } from '../passkeys/check-passkey.ts'
import { currentPasswordKey } from '../passwords/change-password.ts'
import { checkPassword } from '../passwords/check-password.ts'
import { attemptedPassword } from '../passwords/password-policy.ts'
import { beginFactorAttempt } from './factor-attempts.ts'
import { hashRecoveryCode, readRecoveryCode } from './recovery-codes.ts'
import { readTotpCode } from './totp-code.ts'
import { totpContext } from './totp-secret.ts'

/** A second factor, as it is shown. */
export type FactorProof =
  | { readonly method: 'TOTP'; readonly code: string }
  | { readonly method: 'RECOVERY_CODE'; readonly code: string }
  /** What `navigator.credentials.get()` gave, as JSON. */
  | { readonly method: 'PASSKEY'; readonly response: unknown }

/** Anything that can be shown of somebody who is known already. */
export type Proof = FactorProof | { readonly method: 'PASSWORD'; readonly password: string }

/** Who is asked, and with which challenge for a passkey (base64url). */
export interface ProofAsk {
  readonly userId: string
  readonly passkeyChallenge: string
  readonly by: Principal
  readonly client: ClientInfo
}

/** A proof that is right, as far as one can tell before it is used up. */
export interface CheckedProof {
  /** Uses it up in the caller's transaction (compare-and-set); `false`: it was used, or does not hold any more. */
  commit(records: Records): Promise<boolean>
}

/**
 * Counts an attempt of the account, and checks it; call it outside a transaction. `null`: the proof is wrong. Throws a
 * `RateLimitedError` after too many failures, or when too many passwords are being checked.
 */
export type CheckProof = (proof: Proof, ask: ProofAsk) => Promise<CheckedProof | null>

export type ProofParts = Pick<
  AccountParts,
  'store' | 'clock' | 'failures' | 'hasher' | 'sealer' | 'totp' | 'recoveryKey' | 'ceremonies' | 'audit' | 'mail'
>

export function createProofCheck(parts: ProofParts): CheckProof {
  const checkPasskey = createPasskeyCheck(parts)

  async function checkFactor(proof: FactorProof, ask: ProofAsk): Promise<CheckedProof | null> {
    if (proof.method === 'TOTP') return checkTotp(parts, proof.code, ask.userId)
    if (proof.method === 'RECOVERY_CODE') return checkRecoveryCode(parts, proof.code, ask)
    const { userId, passkeyChallenge: challenge, client } = ask
    return checkPasskey({ response: proof.response, challenge, userId, requireUserVerification: false, client })
  }

  return async (proof, ask) => {
    if (proof.method === 'PASSWORD') return checkPresentPassword(parts, proof.password, ask.userId)
    const key = await beginFactorAttempt(parts, ask.userId, ask.client)
    const checked = await checkFactor(proof, ask)
    if (checked === null) return null
    return {
      async commit(records) {
        if (!(await checked.commit(records))) return false
        await parts.failures.succeed(records, key)
        return true
      },
    }
  }
}

async function checkTotp(
  { store, clock, sealer, totp }: ProofParts,
  text: string,
  userId: string,
): Promise<CheckedProof | null> {
  const code = readTotpCode(text)
  const factor = code === null ? null : await store.read(({ factors }) => factors.findTotp(userId))
  if (code === null || typeof factor?.confirmedAt !== 'number') return null
  const { createdAt, lastStep: afterStep } = factor
  const step = totp.stepOf(code, sealer.open(factor.secretSealed, totpContext(userId)), { now: clock.now(), afterStep })
  if (step === null) return null
  return {
    async commit({ factors }) {
      // Not if it was removed, and another one set up, while the code was being checked.
      const now = await factors.findTotp(userId)
      return now?.createdAt === createdAt && (await factors.useTotpStep(userId, step))
    },
  }
}

async function checkRecoveryCode(
  { clock, recoveryKey, audit, mail }: ProofParts,
  text: string,
  { userId, by, client }: ProofAsk,
): Promise<CheckedProof | null> {
  const code = readRecoveryCode(text)
  if (code === null) return null
  const hash = hashRecoveryCode(recoveryKey, userId, code)
  return {
    async commit(records) {
      if (!(await records.factors.useRecoveryCode(userId, hash, clock.now()))) return false
      const left = await records.factors.countRecoveryCodes(userId)
      await audit(records, { event: 'RECOVERY_CODE_USED', by, client, subjectId: userId, details: { left } })
      const user = await records.accounts.findUser(userId)
      if (user !== null) await mail(records, user.email, { kind: 'RECOVERY_CODE_USED', left })
      return true
    },
  }
}

async function checkPresentPassword(parts: ProofParts, text: string, userId: string): Promise<CheckedProof | null> {
  const passwordHash = async ({ accounts }: Records) => (await accounts.findUser(userId))?.passwordHash ?? null
  const hash = await parts.store.read(passwordHash)
  const keys = [currentPasswordKey(userId)]
  if (!(await checkPassword(parts, { password: attemptedPassword(text), hash, keys, known: true }))) return null
  return {
    async commit(records) {
      if ((await passwordHash(records)) !== hash) return false
      await parts.failures.succeed(records, ...keys)
      return true
    },
  }
}
