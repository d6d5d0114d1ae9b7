import type { z } from 'zod'
import { endSentence } from '../../core/end-sentence.ts'
import type { InputIssue } from '../../core/errors.ts'

type ZodIssue = z.core.$ZodIssue

/** The most issues that one refusal lists, and the most characters of each. */
const maxIssues = 50
const maxMessage = 300

/** What zod found wrong, as it is told to the caller: where and what, each thing once, at most 50. */
export function toInputIssues(issues: readonly ZodIssue[]): readonly InputIssue[] {
  const told = new Map<string, InputIssue>()
  const formats = new Set<string>()
  for (const issue of issues.flatMap(insideUnion)) {
    const path = issue.path.map(String)
    const where = JSON.stringify(path)
    // A named format such as email comes with its regular expression, which says the same less plainly.
    if (issue.code === 'invalid_format' && formats.has(where)) continue
    if (issue.code === 'invalid_format') formats.add(where)
    told.set(where + issue.message, { path, message: endSentence(issue.message.slice(0, maxMessage)) })
    if (told.size === maxIssues) break
  }
  return [...told.values()]
}

/** A union only says "invalid input": the member that came nearest says why. */
function insideUnion(issue: ZodIssue): readonly ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const nearest = issue.errors.toSorted((a, b) => distance(a) - distance(b))[0]
  if (nearest === undefined || nearest.length === 0) return [issue]
  return nearest.flatMap((inner) => insideUnion({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** A member whose constant (a discriminator) does not fit was not meant, however little else is wrong. */
function distance(issues: readonly ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'invalid_value' && issue.values.length === 1 ? 100 : 1), 0)
}
