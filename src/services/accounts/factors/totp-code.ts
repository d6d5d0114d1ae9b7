/** More than anybody puts between six digits. */
const maxTyped = 32

/** The code in what somebody typed: six ASCII digits, spaces around and between them. `null` when it is none. */
export function readTotpCode(text: string): string | null {
  if (text.length > maxTyped) return null
  const code = text.replaceAll(/\s/g, '')
  return /^[0-9]{6}$/.test(code) ? code : null
}
