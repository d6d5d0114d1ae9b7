const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** Ten years: what is to be kept longer is no memo. */
const longestMs = 3_653 * 86_400_000

/** A `Duration` such as `'90s'` or `'30d'` in ms; `null` for what is none, or is not from 1 second to 10 years long. */
export function durationMs(text: unknown): number | null {
  const [, digits = '', unit = ''] =
    typeof text === 'string' ? (/^(\d{1,9}(?:\.\d{1,3})?)([smhd])$/.exec(text) ?? []) : []
  const ms = Math.round(Number(digits) * (units[unit] ?? 0))
  return ms >= 1_000 && ms <= longestMs ? ms : null
}
