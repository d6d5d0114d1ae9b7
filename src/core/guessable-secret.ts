/** What a text of ours or of anybody's instructions would have in it, and no random one. */
const telling =
  /change.?(this|me)|example|secret|passw|default|millrace|replace|your[-_ ]|12345678|01234567|abcdefgh|qwerty|deadbeef/i

/** A random text of 32 hexadecimal digits has fewer than 8 different ones once in 100,000 times. */
const fewestCharacters = 8

/** Whether a root secret is one that somebody thought of, or copied, and not random. */
export function isGuessableSecret(text: string): boolean {
  if (telling.test(text) || new Set(text).size < fewestCharacters) return true
  // A short text over and over.
  return /^(.{1,16})\1+.{0,15}$/s.test(text)
}
