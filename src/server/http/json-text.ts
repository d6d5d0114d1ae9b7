import { Refusal } from '../../core/errors.ts'

/** Deeper input has no use here, and what walks it afterwards may do so by recursion. */
const deepest = 64

/** Parses a JSON text that a stranger sent; `what` names it in the refusal. Throws `BAD_REQUEST`. */
export function parseJson(bytes: Buffer, what: string): unknown {
  const text = decode(bytes, what)
  if (nesting(text) > deepest) throw new Refusal('BAD_REQUEST', `${what} is nested deeper than ${deepest} levels.`)
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

/** How many brackets are open at most at one place, those in strings left out. */
function nesting(text: string): number {
  let open = 0
  let most = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (inString) {
      if (character === '\\') i++
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{' || character === '[') most = Math.max(most, ++open)
    else if (character === '}' || character === ']') open--
  }
  return most
}
