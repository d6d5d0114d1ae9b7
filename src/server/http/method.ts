import type { ServerResponse } from 'node:http'
import { Refusal } from '../../core/errors.ts'

/** Throws `METHOD_NOT_ALLOWED`, and names the methods that are, unless the method is one of them. */
export function requireMethod(response: ServerResponse, method: string, allowed: readonly string[]): void {
  if (allowed.includes(method)) return
  response.setHeader('allow', allowed.join(', '))
  throw new Refusal('METHOD_NOT_ALLOWED', `This path takes ${allowed.join(' and ')}, not ${method}.`)
}
