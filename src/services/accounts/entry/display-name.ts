const maxLength = 100

/** Control characters, broken Unicode, line separators, and what turns the direction of the text around it. */
const forbidden = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** The name without white space around it; `null` when nothing is left, it has over 100 characters or one that is not allowed. */
export function readDisplayName(text: string): string | null {
  const name = text.trim()
  // At most two code units to a character: a huge text is not taken apart.
  if (name === '' || name.length > 2 * maxLength || Array.from(name).length > maxLength) return null
  return forbidden.test(name) ? null : name
}
