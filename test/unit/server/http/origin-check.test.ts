import { describe, expect, it } from 'vitest'
import { createOriginPolicy, type OriginFacts, originRefusal } from '../../../../src/server/http/origin-check.ts'
import { createOwnAddress } from '../../../../src/server/http/own-address.ts'

const own = 'https://api.example.com'
const friend = 'https://app.example.com'
const stranger = 'https://evil.example'
const policy = createOriginPolicy(createOwnAddress(own), [friend])

const bodies = {
  form: { method: 'POST', contentType: 'application/x-www-form-urlencoded' },
  text: { method: 'POST', contentType: 'text/plain' },
  json: { method: 'POST', contentType: 'application/json' },
  multipart: { method: 'POST', contentType: 'multipart/form-data' },
  GET: { method: 'GET', contentType: null },
} as const

/** What browsers and programs send along. A page's POST always carries its Origin. */
const senders = {
  same: { site: 'same-origin', origin: own },
  // A name that was made to point at this server: its page looks like our own to the browser.
  rebound: { site: 'same-origin', origin: 'http://evil.example:4000' },
  sameWithoutMetadata: { site: null, origin: own },
  friend: { site: 'same-site', origin: friend },
  cross: { site: 'cross-site', origin: stranger },
  crossSubdomain: { site: 'same-site', origin: 'https://other.example.com' },
  crossWithoutMetadata: { site: null, origin: stranger },
  crossWithoutOrigin: { site: 'cross-site', origin: null },
  sandboxed: { site: 'cross-site', origin: 'null' },
  none: { site: 'none', origin: null },
  missing: { site: null, origin: null },
} as const

function passes(body: keyof typeof bodies, sender: keyof typeof senders, credential: 'cookie' | 'bearer' | 'nothing') {
  const facts: OriginFacts = {
    ...bodies[body],
    ...senders[sender],
    mode: null,
    hasSessionCookie: credential === 'cookie',
    purpose: 'operation',
  }
  return originRefusal(facts, policy) === null
}

/** Which senders may, by what they send and the credential they send it with. */
const friends = ['same', 'sameWithoutMetadata', 'friend']
const programs = [...friends, 'none', 'missing']
const everyone = Object.keys(senders)
const expected: Record<keyof typeof bodies, Record<'cookie' | 'bearer' | 'nothing', readonly string[]>> = {
  form: { cookie: friends, bearer: programs, nothing: programs },
  text: { cookie: friends, bearer: programs, nothing: programs },
  json: { cookie: [...friends, 'none'], bearer: programs, nothing: programs },
  multipart: { cookie: friends, bearer: programs, nothing: programs },
  GET: { cookie: everyone, bearer: everyone, nothing: everyone },
}

const matrix = Object.entries(expected).flatMap(([body, credentials]) =>
  Object.entries(credentials).map(([credential, allowed]) => ({ body, credential, allowed })),
)

describe('the origin check', () => {
  it.each(matrix)('of $body with $credential lets in exactly $allowed', ({ body, credential, allowed }) => {
    const letIn = everyone.filter((sender) =>
      // The keys of literal tables.
      passes(
        body as keyof typeof bodies,
        sender as keyof typeof senders,
        credential as 'cookie' | 'bearer' | 'nothing',
      ),
    )
    expect(letIn).toEqual(everyone.filter((sender) => allowed.includes(sender)))
  })

  const reading = { method: 'GET', contentType: null, hasSessionCookie: true } as const

  it.each([
    ['own page', { site: 'same-origin', origin: null }, true],
    ['own page of an old browser', { site: null, origin: null }, true],
    ['address bar', { site: 'none', origin: null }, true],
    ['page of CORS_ORIGINS', { site: 'same-site', origin: friend }, true],
    ['foreign page', { site: 'cross-site', origin: stranger }, false],
    ['foreign page of an old browser', { site: null, origin: stranger }, false],
    ['foreign image tag', { site: 'cross-site', origin: null }, false],
  ])('of a stream with the cookie, from: %s', (_, sender, isLetIn) => {
    const facts: OriginFacts = { ...reading, ...sender, mode: 'cors', purpose: 'stream' }
    expect(originRefusal(facts, policy) === null).toBe(isLetIn)
    expect(originRefusal({ ...facts, hasSessionCookie: false }, policy)).toBeNull()
  })

  it('lets a link to a download be followed from anywhere, but not embedded', () => {
    const download = { ...reading, site: 'cross-site', origin: null, purpose: 'download' } as const
    expect(originRefusal({ ...download, mode: 'navigate' }, policy)).toBeNull()
    expect(originRefusal({ ...download, mode: 'no-cors' }, policy)?.code).toBe('CSRF_REFUSED')
  })

  it('says who was refused and what to set', () => {
    const facts: OriginFacts = {
      ...bodies.json,
      ...senders.cross,
      mode: 'cors',
      hasSessionCookie: false,
      purpose: 'operation',
    }
    const refusal = originRefusal(facts, policy)
    expect(refusal?.status).toBe(403)
    expect(refusal?.message).toBe(
      'This request comes from a page of https://evil.example, which may not call this server. ' +
        'PUBLIC_URL and CORS_ORIGINS say which pages may.',
    )
  })

  it('tells programs with a cookie to take a token', () => {
    const facts: OriginFacts = {
      ...bodies.json,
      ...senders.missing,
      mode: null,
      hasSessionCookie: true,
      purpose: 'operation',
    }
    expect(originRefusal(facts, policy)?.message).toBe(
      'A request with the session cookie must tell by Origin or Sec-Fetch-Site which page it comes from. Programs use a bearer token.',
    )
  })
})

describe('the origin policy', () => {
  it('knows its own origin, the listed ones and callers without one', () => {
    const allowed = [
      own,
      friend,
      null,
      stranger,
      'null',
      '',
      `${own}/`,
      'http://api.example.com',
      'https://api.example.com:8443',
    ]
    expect(allowed.map((origin) => policy.isAllowed(origin))).toEqual([true, true, true, ...Array(6).fill(false)])
  })

  it('takes the loopback names with the bound port for its own where no public URL is set', () => {
    const address = createOwnAddress(null)
    address.bound(4123)
    const local = createOriginPolicy(address, [])
    expect(local.isAllowed('http://localhost:4123')).toBe(true)
    expect(local.isAllowed('http://127.0.0.1:4123')).toBe(true)
    expect(local.isAllowed('http://[::1]:4123')).toBe(true)
    expect(local.isAllowed('http://localhost:4000')).toBe(false)
    expect(local.isAllowed('https://localhost:4123')).toBe(false)
    expect(address.publicUrl()).toBe('http://localhost:4123')
  })
})
