import { createStrengthJudge } from './password-strength.ts'

/** Code points. Fifteen while there is no second factor (NIST SP 800-63B-4 §3.1.1.2). */
const minLength = 15
const maxLength = 256

/** No password that is allowed has more code units: NFC joins at most four of them into one code point. */
export const maxPasswordUnits = 4 * maxLength

/** How much must be left of a password without the words that anybody would try first. */
const minOwnLength = 8

const siteName = 'millrace'

/** Each word more makes the judgement slower. */
const judgedWords = 8

/** What an attacker knows of the account. */
export interface PasswordContext {
  readonly email: string
  readonly displayName: string
}

/** What is wrong with a new password, as a sentence; `null` when it may be used. */
export type JudgePassword = (password: string, context: PasswordContext) => Promise<string | null>

/** The rules for new passwords: length, no known words, not guessable. Nothing about which characters it has (ASVS 6.2.5). */
export function createPasswordPolicy(): JudgePassword {
  const judgeStrength = createStrengthJudge()

  return async (password, context) => {
    const length = lengthOf(password)
    if (length < minLength) return `The password needs at least ${minLength} characters.`
    if (length > maxLength || password.length > maxPasswordUnits)
      return `The password may have at most ${maxLength} characters.`
    if (!password.isWellFormed()) return 'The password holds half a character (a lone surrogate).'
    const words = contextWords(context)
    if (lengthOf(without(password, words)) < minOwnLength) {
      return 'The password is made of your name, your email address or the name of this site.'
    }
    const weakness = await judgeStrength(password, words.slice(0, judgedWords))
    return weakness === null ? null : `The password ${weakness}.`
  }
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
