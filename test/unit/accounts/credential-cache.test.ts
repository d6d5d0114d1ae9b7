import { describe, expect, it } from 'vitest'
import { createCredentialCache } from '../../../src/services/accounts/authentication/credential-cache.ts'
import type { ProvenCredential } from '../../../src/services/accounts/authentication/proven-credential.ts'
import { somebody } from '../../support/principals.ts'

const ada = somebody({ userId: 'usr_ada', sessionId: 'ses_1' })
const later = somebody({ userId: 'usr_ada', sessionId: 'ses_2' })
const key = somebody({ userId: 'usr_ada', kind: 'apiKey', sessionId: null, keyId: 'key_1' })
const eve = somebody({ userId: 'usr_eve', sessionId: 'ses_3' })

function proven(principal: ProvenCredential['principal'], goodUntil = 1000): ProvenCredential {
  return { principal, goodUntil, admit: null }
}

/** A cache that knows all four by their names. */
function filled() {
  const cache = createCredentialCache(10)
  for (const [name, principal] of Object.entries({ ada, later, key, eve })) {
    cache.keep(cache.begin(), name, proven(principal))
  }
  const known = () => ['ada', 'later', 'key', 'eve'].filter((name) => cache.get(name, 0) !== null)
  return { cache, known }
}

describe('what is remembered of credentials', () => {
  it('is given again until it is no longer good', () => {
    const { cache } = filled()
    expect(cache.get('ada', 999)?.principal).toBe(ada)
    expect(cache.get('ada', 1000)).toBeNull()
    expect(cache.size).toBe(3)
    expect(cache.get('somebody else', 0)).toBeNull()
  })

  it.each([
    [{ kind: 'session', id: 'ses_1', ends: true }, ['later', 'key', 'eve']],
    [{ kind: 'session', id: 'ses_2', ends: false }, ['ada', 'key', 'eve']],
    [{ kind: 'apiKey', id: 'key_1', ends: true }, ['ada', 'later', 'eve']],
    [{ kind: 'user', id: 'usr_ada', ends: false }, ['eve']],
    [{ kind: 'user', id: 'ses_1', ends: true }, ['ada', 'later', 'key', 'eve']],
    [{ kind: 'session', id: 'usr_ada', ends: true }, ['ada', 'later', 'key', 'eve']],
  ] as const)('is gone at once by %j, and nothing else is', (revocation, left) => {
    const { cache, known } = filled()
    cache.revoked(revocation)
    expect(known()).toEqual(left)
    expect(cache.size).toBe(left.length)
  })

  it('does not come back by a look-up that began before the revocation', () => {
    const cache = createCredentialCache(10)
    const lookUp = cache.begin()
    cache.revoked({ kind: 'session', id: 'ses_1', ends: true })
    cache.keep(lookUp, 'ada', proven(ada))
    expect(cache.get('ada', 0)).toBeNull()
    cache.keep(cache.begin(), 'ada', proven(ada))
    expect(cache.get('ada', 0)).not.toBeNull()
  })

  it('is forgotten as a whole when revocations may have been missed, look-ups under way included', () => {
    const { cache, known } = filled()
    const lookUp = cache.begin()
    cache.clear()
    cache.keep(lookUp, 'ada', proven(ada))
    expect(known()).toEqual([])
    expect(cache.size).toBe(0)
  })

  it('is bounded: what was not used for longest goes first', () => {
    const cache = createCredentialCache(3)
    for (const name of ['a', 'b', 'c']) cache.keep(cache.begin(), name, proven(ada))
    cache.get('a', 0)
    cache.keep(cache.begin(), 'd', proven(eve))
    expect(cache.size).toBe(3)
    expect(['a', 'b', 'c', 'd'].filter((name) => cache.get(name, 0) !== null)).toEqual(['a', 'c', 'd'])
    for (let strange = 0; strange < 10_000; strange += 1) cache.keep(cache.begin(), `${strange}`, proven(eve))
    expect(cache.size).toBe(3)
  })

  it('may be found anew under the same name, and then stands on that', () => {
    const cache = createCredentialCache(3)
    cache.keep(cache.begin(), 'cookie', proven(ada))
    cache.keep(cache.begin(), 'cookie', proven(later))
    cache.revoked({ kind: 'session', id: 'ses_1', ends: true })
    expect(cache.get('cookie', 0)?.principal).toBe(later)
    cache.revoked({ kind: 'session', id: 'ses_2', ends: true })
    expect(cache.get('cookie', 0)).toBeNull()
  })
})
