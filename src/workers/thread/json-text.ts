/** A value that would come back from JSON as another value, or not at all. The message is a full sentence. */
export class NotJsonError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NotJsonError'
  }
}

/**
 * The value as JSON text. Throws `NotJsonError` where JSON would lose something without saying so (a function, `NaN`, a
 * `Map`, `undefined` in a list) or cannot write it (a bigint, a cycle). Dates become ISO texts; undefined fields are left out.
 */
export function toJsonText(value: unknown): string {
  if (value === undefined) throw new NotJsonError('It is undefined, which JSON cannot hold.')
  try {
    return JSON.stringify(value, refuseWhatJsonLoses)
  } catch (error) {
    if (error instanceof NotJsonError) throw error
    if (error instanceof RangeError) throw new NotJsonError('It is nested too deeply or too long for JSON.')
    if (error instanceof TypeError && error.message.includes('circular')) {
      throw new NotJsonError('It refers to itself, which JSON cannot hold.')
    }
    throw error
  }
}

// A `function`, for `JSON.stringify` gives the holder as `this`: only there is the value as it was before `toJSON`.
function refuseWhatJsonLoses(this: unknown, key: string, value: unknown): unknown {
  // The holder is an object or an array that has the key.
  const original = (this as Readonly<Record<string, unknown>>)[key]
  const what = whatJsonLoses(original, Array.isArray(this))
  if (what === null) return value
  const within = Array.isArray(this) ? `Item ${key} of a list in it` : `Its field "${key}"`
  throw new NotJsonError(`${key === '' ? 'It' : within} is ${what}, which JSON cannot hold.`)
}

function whatJsonLoses(value: unknown, inList: boolean): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : String(value)
  if (typeof value === 'undefined') return inList ? 'undefined' : null
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  return typeof value === 'object' && value !== null ? whatJsonLosesOf(value) : null
}

function whatJsonLosesOf(value: object): string | null {
  if (ArrayBuffer.isView(value)) return 'a buffer'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid date' : null
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype || Array.isArray(value) || 'toJSON' in value) return null
  return `of the class ${value.constructor.name}`
}
