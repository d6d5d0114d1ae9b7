import { sha256 } from '../../../core/secrets.ts'
import type { PasswordBlocklist } from '../../../ports/password-blocklist.ts'
import type { RateLimiter } from '../../../ports/rate-limiter.ts'
import { createStrengthJudge } from './password-strength.ts'

/** Code points, as NIST SP 800-63B-4 §3.1.1.2 has it: fewer are enough where a second factor is enforced. */
const minLength = { alone: 15, withMfa: 8 } as const
const maxLength = 256

/** No password that is allowed has more code units: NFC joins at most four of them into one code point. */
const maxPasswordUnits = 4 * maxLength

/** How much must be left of a password without the words that anybody would try first. */
const minOwnLength = 8

const siteName = 'millrace'

/** Each word more makes the judgement slower. */
const judgedWords = 8

/** What an attacker knows of the account, and what else protects it. */
export interface PasswordContext {
  readonly email: string
  readonly displayName: string
  /** Whether nobody gets in without a second factor, now and later; absent where there is no account yet. */
  readonly isMfaEnforced?: boolean
}

/** What is wrong with a new password, as a sentence; `null` when it may be used. Throws a `RateLimitedError`. */
export type JudgePassword = (password: string, context: PasswordContext) => Promise<string | null>

export interface PasswordPolicyOptions {
  /** `null`: there is no list. */
  readonly blocklist: PasswordBlocklist | null
  /** How many may be judged for one account. Who has none yet is counted as one who signs up. */
  readonly byAccount: RateLimiter
}

/** The rules for new passwords: length, no known words, not guessable. Nothing about which characters it has (ASVS 6.2.5). */
export function createPasswordPolicy({ blocklist, byAccount }: PasswordPolicyOptions): JudgePassword {
  const judgeStrength = createStrengthJudge()

  return async (password, context) => {
    const isMfaEnforced = context.isMfaEnforced === true
    const fault = judgeForm(password, isMfaEnforced)
    if (fault !== null) return fault
    const words = contextWords(context)
    if (lengthOf(without(password, words)) < minOwnLength) {
      return 'The password is made of your name, your email address or the name of this site.'
    }
    if (blocklist?.has(password) === true) return 'The password is on a list of passwords that others know.'
    if (context.isMfaEnforced !== undefined) await byAccount.consume(sha256(context.email))
    const weakness = await judgeStrength(password, { words: words.slice(0, judgedWords), isMfaEnforced })
    return weakness === null ? null : `The password ${weakness}.`
  }
}

/** A password that is to be checked, as it was received. One that no account can have comes to nothing, which none has. */
export function attemptedPassword(password: string): string {
  return password.length <= maxPasswordUnits && password.isWellFormed() ? password : ''
}

function judgeForm(password: string, isMfaEnforced: boolean): string | null {
  const length = lengthOf(password)
  const least = isMfaEnforced ? minLength.withMfa : minLength.alone
  if (length < least) return `The password needs at least ${least} characters.`
  if (length > maxLength || password.length > maxPasswordUnits)
    return `The password may have at most ${maxLength} characters.`
  return password.isWellFormed() ? null : 'The password holds half a character (a lone surrogate).'
}

/** Code points of the form that is hashed. A huge text is not taken apart. */
function lengthOf(text: string): number {
  return Array.from(text.slice(0, maxPasswordUnits).normalize('NFC')).length
}

function contextWords({ email, displayName }: PasswordContext): readonly string[] {
  const [local = '', domain = ''] = email.split('@')
  const parts = [local, domain, displayName].flatMap((text) => text.split(/[^\p{L}\p{N}]+/u))
  const words = [siteName, email, local, domain, displayName, ...parts].map(fold).filter((word) => lengthOf(word) >= 3)
  return [...new Set(words)].toSorted((a, b) => b.length - a.length)
}

function without(password: string, words: readonly string[]): string {
  return words.reduce((rest, word) => rest.replaceAll(word, ''), fold(password))
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
