import { Refusal } from '../core/errors.ts'

/** Deeper input has no use here, and what walks it afterwards may do so by recursion. */
const deepest = 64

/** Parses a JSON text that a stranger sent; `what` names it in the refusal. Throws `BAD_REQUEST`. */
export function parseJson(bytes: Buffer, what: string): unknown {
  return parseJsonText(decode(bytes, what), what)
}

/** The same for what has been decoded. */
export function parseJsonText(text: string, what: string): unknown {
  if (isTooDeep(text)) throw new Refusal('BAD_REQUEST', `${what} is nested deeper than ${deepest} levels.`)
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal('BAD_REQUEST', `${what} is not valid JSON.`)
  }
}

function decode(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal('BAD_REQUEST', `${what} is not valid UTF-8.`)
  }
}

/** Whether a JSON text nests deeper than any of ours: more brackets are open at one place, those in strings left out. */
export function isTooDeep(text: string): boolean {
  let open = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (inString) {
      if (character === '\\') i++
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{' || character === '[') {
      open++
      if (open > deepest) return true
    } else if (character === '}' || character === ']') open--
  }
  return false
}
