/** RFC 5321 §4.5.3.1.3: a path has 256 octets, of which two are brackets. */
const maxLength = 254

/**
 * One `@` with something on both sides; no white space, control or invisible characters, no broken Unicode, and nothing that
 * would need quotes (RFC 5322 §3.2.3), on which mail programs do not agree.
 */
const shape = /^[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}\p{Cs}]+@[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}\p{Cs}]+$/u

export interface EmailAddress {
  /** As it was given. */
  readonly address: string
  /** What makes it unique: NFKC, lower case. */
  readonly key: string
}

/** The address in a text, taken as it is; `null` when it is none. */
export function readEmailAddress(text: string): EmailAddress | null {
  if (!isAddress(text)) return null
  const key = text.normalize('NFKC').toLowerCase().normalize('NFKC')
  // NFKC makes an `@` of U+FF20, and may lengthen.
  return isAddress(key) ? { address: text, key } : null
}

function isAddress(text: string): boolean {
  return text.length <= maxLength && shape.test(text)
}
