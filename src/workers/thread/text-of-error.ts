import { inspect } from 'node:util'

/** The most that is kept of what an error says, in UTF-16 units. */
export const maxErrorLength = 2_000

/** The text, at most so many UTF-16 units long, free of broken surrogates and of U+0000, which not every database takes. */
export function cut(text: string, maxLength: number): string {
  const short = text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`
  return short.toWellFormed().replaceAll('\0', '')
}

/** What a task says where it should give a text, as a text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 1, breakLength: Infinity })
}

/** What a thrown value says for itself, at most 2,000 characters; never its stack. Does not throw, whatever was thrown. */
export function textOfError(thrown: unknown): string {
  return cut(read(thrown), maxErrorLength)
}

function read(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return `The task threw a value that is no error: ${textOf(thrown)}`
    // A message that was overwritten may be anything.
    const message: unknown = thrown.message
    return typeof message === 'string' && message !== ''
      ? message
      : `The task threw an error without a message (${thrown.name}).`
  } catch {
    return 'The task threw a value that cannot be read.'
  }
}
