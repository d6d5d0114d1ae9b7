/** Where Redis is, and as whom it is spoken to. */
export interface RedisAddress {
  readonly isSecure: boolean
  readonly user: string | null
  readonly password: string | null
  readonly db: number
  /** Redis itself, or its Sentinels. */
  readonly endpoints: readonly Endpoint[]
  readonly sentinel: Sentinel | null
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** What the Sentinels are asked for, and as whom: they know other users than Redis. */
export interface Sentinel {
  readonly name: string
  readonly user: string | null
  readonly password: string | null
}

const form = /^redis(s?)(\+sentinel)?:\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^/?#]*))?(?:\?([^?#]+))?$/

/** Whether the text is an address that `openRedis` takes. */
export function isRedisUrl(text: string): boolean {
  return parseRedisUrl(text) !== null
}

/**
 * Reads `redis://user:password@host:6379/0`, with `rediss` for TLS, and
 * `redis+sentinel://user:password@host:26379,host:26379/name?db=0&sentinelUser=…&sentinelPassword=…`. User, passwords and
 * name are percent-encoded. `null` for anything else.
 */
export function parseRedisUrl(text: string): RedisAddress | null {
  const [matched, secure, byName, credentials, hosts = '', path = '', query] = form.exec(text) ?? []
  const login = credentials === undefined ? nobody : readLogin(credentials)
  if (matched === undefined || login === null) return null
  const isByName = byName !== undefined
  const endpoints = hosts.split(',').map((host) => readEndpoint(host, isByName ? 26_379 : 6379))
  const known = endpoints.filter((endpoint) => endpoint !== null)
  if (known.length < endpoints.length || (known.length > 1 && !isByName)) return null
  const address = { isSecure: secure === 's', ...login, endpoints: known }
  if (isByName) return readByName(address, path, query)
  const db = readDb(path === '' ? '0' : path)
  return db === null || query !== undefined ? null : { ...address, db, sentinel: null }
}

const nobody = { user: null, password: null }

function readByName(address: Omit<RedisAddress, 'db' | 'sentinel'>, path: string, query = ''): RedisAddress | null {
  const fields = readFields(query)
  const name = decode(path)
  const db = readDb(fields?.get('db') ?? '0')
  if (fields === null || name === null || !/^[\w.-]{1,200}$/.test(name) || db === null) return null
  const user = fields.get('sentinelUser') ?? null
  const password = fields.get('sentinelPassword') ?? null
  if (user !== null && password === null) return null
  return { ...address, db, sentinel: { name, user, password } }
}

const fieldNames = new Set(['db', 'sentinelUser', 'sentinelPassword'])

function readFields(query: string): ReadonlyMap<string, string> | null {
  const fields = new Map<string, string>()
  for (const field of query === '' ? [] : query.split('&')) {
    const [name = '', ...rest] = field.split('=')
    const value = decode(rest.join('='))
    if (!fieldNames.has(name) || fields.has(name) || value === null || value === '') return null
    fields.set(name, value)
  }
  return fields
}

function readLogin(text: string): { readonly user: string | null; readonly password: string } | null {
  const colon = text.indexOf(':')
  const user = decode(text.slice(0, Math.max(colon, 0)))
  const password = decode(text.slice(colon + 1))
  if (colon < 0 || user === null || password === null || password === '') return null
  return { user: user === '' ? null : user, password }
}

function readEndpoint(text: string, defaultPort: number): Endpoint | null {
  const [matched, six, name, digits] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = six ?? name
  const port = digits === undefined ? defaultPort : Number(digits)
  if (matched === undefined || host === undefined || port < 1 || port > 65_535) return null
  const isHost = six === undefined ? /^(?=.{1,253}$)\w([\w.-]*\w)?$/.test(host) : URL.canParse(`http://[${six}]`)
  return isHost ? { host, port } : null
}

function readDb(text: string): number | null {
  return /^\d{1,5}$/.test(text) ? Number(text) : null
}

function decode(text: string): string | null {
  try {
    const decoded = decodeURIComponent(text)
    return /\p{Cc}/u.test(decoded) ? null : decoded
  } catch {
    return null
  }
}
