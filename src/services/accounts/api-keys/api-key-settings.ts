import { InvalidInputError, type InputIssue } from '../../../core/errors.ts'
import { type Scope, scopes as allScopes } from '../../../core/principal.ts'
import type { ApiKeyRecord } from '../../../ports/accounts/api-keys.ts'
import { readDisplayName } from '../entry/display-name.ts'
import { readAddressRange } from './allowed-ips.ts'

/** What somebody wants of a new API key. */
export interface ApiKeyWish {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Ms since 1970; by default it does not end by itself. */
  readonly expiresAt?: number | null | undefined
  /** Addresses and CIDR ranges; by default all may use it. */
  readonly allowedIps?: readonly string[] | null | undefined
  readonly requestsPerMinute?: number | null | undefined
}

/** The same, found to be in order. */
export type ApiKeySettings = Pick<ApiKeyRecord, 'name' | 'scopes' | 'expiresAt' | 'allowedIps' | 'requestsPerMinute'>

const defaultRequestsPerMinute = 600
const maxRequestsPerMinute = 10_000
const maxRanges = 50

/** The year 10000: beyond it no moment can be written in RFC 3339. */
const endOfTime = Date.UTC(10_000, 0)

/** Throws one `InvalidInputError` with everything that is wrong. */
export function readApiKeySettings(wish: ApiKeyWish, now: number): ApiKeySettings {
  const issues: InputIssue[] = []
  const { expiresAt = null, requestsPerMinute = null } = wish
  const rate = requestsPerMinute ?? defaultRequestsPerMinute
  const name = readDisplayName(wish.name)
  if (name === null) {
    issues.push({ path: ['name'], message: 'The name needs 1 to 100 characters, none of them control characters.' })
  }
  const scopes = allScopes.filter((scope) => wish.scopes.includes(scope))
  if (scopes.length === 0) issues.push({ path: ['scopes'], message: 'Say at least one thing that the key may do.' })
  if (expiresAt !== null && !(expiresAt > now && expiresAt < endOfTime)) {
    issues.push({ path: ['expiresAt'], message: 'Must be a moment that is still to come.' })
  }
  if (!Number.isInteger(rate) || rate < 1 || rate > maxRequestsPerMinute) {
    const message = `Must be a whole number from 1 to ${maxRequestsPerMinute}.`
    issues.push({ path: ['requestsPerMinute'], message })
  }
  const allowedIps = readRanges(wish.allowedIps ?? [], issues)
  if (name === null || issues.length > 0) throw new InvalidInputError(issues)
  return { name, scopes, expiresAt, allowedIps, requestsPerMinute: rate }
}

/** Each range once. */
function readRanges(texts: readonly string[], issues: InputIssue[]): readonly string[] {
  if (texts.length > maxRanges) {
    issues.push({ path: ['allowedIps'], message: `There may be at most ${maxRanges} addresses and ranges.` })
    return []
  }
  const ranges = texts.map((text) => (text.length > 100 ? null : readAddressRange(text)))
  for (const [index, range] of ranges.entries()) {
    if (range !== null) continue
    const message = 'This is no address and no range such as 192.0.2.0/24 or 2001:db8::/32.'
    issues.push({ path: ['allowedIps', String(index)], message })
  }
  return [...new Set(ranges.filter((range) => range !== null))]
}
