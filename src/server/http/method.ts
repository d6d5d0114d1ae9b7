import { Refusal } from '../../core/errors.ts'

/** Throws `METHOD_NOT_ALLOWED`, and names the methods that are, unless the method is one of them. */
export function requireMethod(method: string, allowed: readonly string[]): void {
  if (allowed.includes(method)) return
  const sentence = `This path takes ${allowed.join(' and ')}, not ${method}.`
  throw new Refusal('METHOD_NOT_ALLOWED', sentence, { allow: allowed.join(', ') })
}
