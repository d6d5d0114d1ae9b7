import { stdSerializers } from 'pino'

/** Names under which a secret might be logged by mistake; what stands under them is never written. */
const secretNames: ReadonlySet<string> = new Set([
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'setupToken',
  'inviteToken',
  'accessToken',
  'refreshToken',
  'challengeToken',
  'totpCode',
  'recoveryCode',
  'codeVerifier',
  'apiKey',
  'authorization',
  'cookie',
  'secret',
])

/** What stands in the place of a secret. */
const redacted = '[Redacted]'

/** How many levels of objects and lists are looked into. */
const levels = 3

/**
 * The fields of a line without what stands under the name of a secret. Pino's own redaction by wildcard paths took 75 µs a line,
 * half as much as a whole small request; this takes 0.3 µs.
 */
export function redact(fields: object): Record<string, unknown> {
  const { err } = fields as { readonly err?: unknown } // any fields may have one
  const plain =
    err instanceof Error ? { ...fields, err: Object.fromEntries(Object.entries(stdSerializers.err(err))) } : fields
  return withoutSecrets(plain, levels) as Record<string, unknown> // of an object that is no list it is one
}

/** The same value where there is nothing in it to hide: nearly always. */
function withoutSecrets(value: object, depth: number): object {
  const given = value as Readonly<Record<string, unknown>> // a list by its indexes
  let copy: Record<string, unknown> | null = null
  for (const name of Object.keys(given)) {
    const before = given[name]
    const after = secretNames.has(name) ? redacted : clean(before, depth - 1)
    if (after === before) continue
    copy ??= copyOf(given)
    copy[name] = after
  }
  return copy ?? value
}

function clean(value: unknown, depth: number): unknown {
  return typeof value === 'object' && value !== null && depth > 0 ? withoutSecrets(value, depth) : value
}

function copyOf(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // A list stays one, and is set by its indexes.
  return Array.isArray(given) ? ([...given] as unknown as Record<string, unknown>) : { ...given }
}
