/** How long a key may be that members share something under, in characters. */
const maxKeyLength = 512

export function isKey(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxKeyLength
}

export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

/** Whether it is a number from 0 up. */
export function isAmount(value: unknown): value is number {
  return Number.isFinite(value) && Number(value) >= 0
}
