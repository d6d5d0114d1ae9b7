import { endSentence } from '../../core/end-sentence.ts'
import type { z } from '../../task.ts'

/** What is wrong with a value, as `path: message` sentences; at most five of them. */
export function textOfIssues(error: z.ZodError): string {
  const texts = error.issues.slice(0, 5).map((issue) => {
    const where = issue.path.map(String).join('.')
    return endSentence(where === '' ? issue.message : `${where}: ${issue.message}`)
  })
  const more = error.issues.length - texts.length
  return `${texts.join(' ')}${more > 0 ? ` (and ${more} more)` : ''}`
}
