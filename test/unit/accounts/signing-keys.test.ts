import { calculateJwkThumbprint, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../../src/adapters/sql/sqlite-store.ts'
import { createSealer } from '../../../src/core/sealer.ts'
import type { Store } from '../../../src/ports/store.ts'
import { newKeyPair, readPublicJwk } from '../../../src/services/accounts/keys/key-pair.ts'
import { openSigningKeys, type SigningKeysOptions } from '../../../src/services/accounts/keys/signing-keys.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { somebody } from '../../support/principals.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { ada, client, nothing, openAccounts } from './open-accounts.ts'

const minute = 60_000
const sealer = createSealer(['s'.repeat(32)])
const steps = { guard: async () => undefined, note: async () => undefined }

function ringOf(store: Store, more: Partial<SigningKeysOptions> = {}) {
  return openSigningKeys({ store, sealer, clock: fakeClock(), algorithm: 'EdDSA', ...more })
}

const statesOf = async (store: Store) =>
  (await store.read(({ signingKeys }) => signingKeys.list())).map(({ state }) => state).toSorted()

/** The store, counting its reads. */
function counted(store: Store): Store & { readonly reads: number } {
  let reads = 0
  return {
    ...store,
    read(work) {
      reads += 1
      return store.read(work)
    },
    get reads() {
      return reads
    },
  }
}

describe('a pair of keys', () => {
  it.each(['EdDSA', 'ES256'] as const)(
    'of %s has a thumbprint for a name, and a public half without the private one',
    async (algorithm) => {
      const { kid, publicJwk, privateJwk } = await newKeyPair(algorithm)
      expect(kid).toBe(await calculateJwkThumbprint(JSON.parse(publicJwk) as JWK)) // as it was made
      expect(readPublicJwk(publicJwk)).toMatchObject({ kid, alg: algorithm, use: 'sig' })
      const { d } = JSON.parse(privateJwk) as { d: string } // as it was made
      expect(publicJwk).not.toContain(d)
      // Whatever else somebody has put into the row is not shown.
      expect(readPublicJwk(JSON.stringify({ ...JSON.parse(publicJwk), d, oth: [] }))).toEqual(JSON.parse(publicJwk))
    },
  )

  it.each(['null', '[]', '{}', '{"kty":"oct","k":"AA","alg":"HS256","kid":"x"}'])('is not read from %s', (json) => {
    expect(() => readPublicJwk(json)).toThrow(TypeError)
  })
})

describe('the ring of signing keys', () => {
  it('is made at the first start and found by the next', async () => {
    await using store = await openTestStore()
    const first = await ringOf(store)
    expect(
      first
        .keys()
        .map(({ state }) => state)
        .toSorted(),
    ).toEqual(['ACTIVE', 'NEXT'])
    const second = await ringOf(store)
    expect(second.keys()).toEqual(first.keys())
    expect(await second.active()).toEqual(await first.active())
  })

  it('is one ring when several processes start at once', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    const rings = await Promise.all([store, other, store, other].map((one) => ringOf(one)))
    expect(await statesOf(store)).toEqual(['ACTIVE', 'NEXT'])
    const actives = await Promise.all(rings.map(async (ring) => (await ring.active()).kid))
    expect(new Set(actives).size).toBe(1)
  })

  it('publishes the next key before it signs, and the retired one after', async () => {
    await using store = await openTestStore()
    const ring = await ringOf(store)
    const published = ring.publicKeys().map(({ kid }) => kid)
    const before = await ring.active()
    await ring.rotate(steps)
    const after = await ring.active()
    expect(after.kid).not.toBe(before.kid)
    expect(published).toContain(after.kid)
    expect(ring.publicKeys().map(({ kid }) => kid)).toContain(before.kid)
    expect(ring.keys().find(({ kid }) => kid === before.kid)).toMatchObject({ state: 'RETIRED' })
    expect(await statesOf(store)).toEqual(['ACTIVE', 'NEXT', 'RETIRED'])
  })

  it('makes one rotation of several that are asked for at once, in one process or in two', async () => {
    await using store = await openTestStore()
    await using other = await sqliteStore({ path: store.path })
    const rings = [await ringOf(store), await ringOf(other)]
    let noted = 0
    const note = async () => {
      noted += 1
    }
    await Promise.all(rings.flatMap((ring) => [ring, ring, ring]).map((ring) => ring.rotate({ ...steps, note })))
    expect(noted).toBe(1)
    expect(await statesOf(store)).toEqual(['ACTIVE', 'NEXT', 'RETIRED'])
  })

  it('changes nothing when the rotation is refused', async () => {
    await using store = await openTestStore()
    const ring = await ringOf(store)
    const refuse = async () => {
      throw new Error('not you')
    }
    await expect(ring.rotate({ ...steps, guard: refuse })).rejects.toThrow('not you')
    await expect(ring.rotate({ ...steps, note: refuse })).rejects.toThrow('not you')
    expect(await statesOf(store)).toEqual(['ACTIVE', 'NEXT'])
  })

  it('keeps a retired key for as long as a token of it may live, and no longer', async () => {
    await using store = await openTestStore()
    const clock = fakeClock()
    const ring = await ringOf(store, { clock })
    const { kid } = await ring.active()
    await ring.rotate(steps)
    clock.advance(15 * minute + 30_000)
    await ring.tidy()
    expect(await ring.find(kid)).not.toBeNull()
    clock.advance(90_000)
    expect(ring.publicKeys().map((key) => key.kid)).not.toContain(kid)
    await ring.tidy()
    expect(await ring.find(kid)).toBeNull()
    expect(await statesOf(store)).toEqual(['ACTIVE', 'NEXT'])
  })

  it('looks for a key that it does not know in the store, once a second at most', async () => {
    await using inner = await openTestStore()
    const store = counted(inner)
    const ring = await ringOf(store)
    const theirs = await ringOf(inner)
    await theirs.rotate(steps)
    await theirs.rotate(steps)
    const { kid } = await theirs.active()
    const before = store.reads
    // At once: all of them wait for the one reading.
    expect(await Promise.all(Array.from({ length: 50 }, () => ring.find(kid)))).not.toContain(null)
    expect(store.reads).toBe(before + 1)
    for (let strange = 0; strange < 50; strange += 1) expect(await ring.find(`strange ${strange}`)).toBeNull()
    expect(store.reads).toBe(before + 1)
  })

  it('makes new keys of the algorithm that is set, and goes on with those that are there', async () => {
    await using store = await openTestStore()
    await ringOf(store)
    const ring = await ringOf(store, { algorithm: 'ES256' })
    expect(ring.keys().map(({ algorithm }) => algorithm)).toEqual(['EdDSA', 'EdDSA'])
    await ring.rotate(steps)
    await ring.rotate(steps)
    const { kid } = await ring.active()
    expect(ring.keys().find((key) => key.kid === kid)).toMatchObject({ algorithm: 'ES256', state: 'ACTIVE' })
  })

  it('is kept sealed, each key for its own row', async () => {
    await using store = await openTestStore()
    const ring = await ringOf(store)
    const { privateJwk, kid } = await ring.active()
    const { d } = JSON.parse(privateJwk) as { d: string } // as it was made
    const [record] = (await store.read(({ signingKeys }) => signingKeys.list())).filter((key) => key.kid === kid)
    expect(JSON.stringify(record)).not.toContain(d)
    await expect(ringOf(store, { sealer: createSealer(['q'.repeat(32)]) })).rejects.toMatchObject({
      code: 'ROOT_SECRET_WRONG',
    })
    const [next] = (await store.read(({ signingKeys }) => signingKeys.list())).filter((key) => key.state === 'NEXT')
    await store.write(({ signingKeys }) => signingKeys.reseal(kid, next?.privateSealed ?? ''))
    await expect(ringOf(store)).rejects.toMatchObject({ code: 'ROOT_SECRET_WRONG' })
  })
})

describe('a rotation of the signing keys', () => {
  it('is for administrators who have just shown their factors', async () => {
    await using test = await openAccounts()
    const { cookie, user } = await test.signUp()
    const ask = () => test.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
    const rotate = async () => test.accounts.rotateSigningKeys(await ask(), client)
    await expect(test.accounts.rotateSigningKeys(anonymous, client)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(rotate()).rejects.toMatchObject({ code: 'INSUFFICIENT_SCOPE' })
    const key = somebody({ kind: 'apiKey', roles: ['admin'], sessionId: null, keyId: 'key_1' })
    await expect(test.accounts.rotateSigningKeys(key, client)).rejects.toMatchObject({ code: 'FORBIDDEN' })

    test.tamper(`update users set roles = '["user","admin"]'`)
    const administrator = await test.signIn()
    const principal = await test.accounts.authenticate({ ...nothing, sessionCookie: administrator.cookie }, client)
    test.clock.advance(5 * minute)
    await expect(test.accounts.rotateSigningKeys(principal, client)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' })
    test.clock.advance(-1)
    const keys = await test.accounts.rotateSigningKeys(principal, client)
    expect(keys.map(({ state }) => state).toSorted()).toEqual(['ACTIVE', 'NEXT', 'RETIRED'])

    const audit = await test.store.read((records) =>
      records.audit.list({ subjectId: null, event: 'SIGNING_KEYS_ROTATED', before: null, limit: 10 }),
    )
    expect(audit).toMatchObject([{ actor: 'USER', actorId: user.id, outcome: 'SUCCESS', ip: client.ip }])
  })

  it('refuses no token, whether signed before, during or after', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const early = await test.signIn({ delivery: 'TOKENS' })
    let rotating = true
    let requests = 0

    async function use(): Promise<void> {
      let pair = early.tokens
      while (rotating || requests < 100) {
        const { tokens } = await test.signIn({ delivery: 'TOKENS' })
        for (const bearer of [early.tokens?.accessToken, pair?.accessToken, tokens?.accessToken]) {
          const principal = await test.accounts.authenticate({ ...nothing, bearer: bearer ?? null }, client)
          expect(principal).toMatchObject({ kind: 'user' })
          requests += 1
        }
        pair = await test.accounts.refreshTokens(tokens?.refreshToken ?? '', client)
      }
    }

    const users = [use(), use(), use()]
    for (let rotation = 0; rotation < 5; rotation += 1) await test.accounts.rotateSigningKeys(null, null)
    rotating = false
    await Promise.all(users)
    expect(requests).toBeGreaterThan(100)
    expect(test.accounts.signingKeys().filter(({ state }) => state === 'RETIRED')).toHaveLength(5)
  })

  it('is followed by other processes: they take the new tokens at once and sign with the new key within a second', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const elsewhere = await test.elsewhere()
    await elsewhere.rotateSigningKeys(null, null)
    await elsewhere.rotateSigningKeys(null, null)
    const signedIn = await elsewhere.signIn({ ...ada, delivery: 'TOKENS' }, client, anonymous)
    const bearer = signedIn.kind === 'SIGNED_IN' ? (signedIn.tokens?.accessToken ?? null) : null
    expect(await test.accounts.authenticate({ ...nothing, bearer }, client)).toMatchObject({ kind: 'user' })

    await elsewhere.rotateSigningKeys(null, null)
    const active = elsewhere.signingKeys().find(({ state }) => state === 'ACTIVE')?.kid
    await eventually(() => test.accounts.signingKeys().find(({ state }) => state === 'ACTIVE')?.kid === active, 1000)
  })

  it('shows everybody the public halves, and nothing of the private ones', async () => {
    await using test = await openAccounts()
    expect(test.accounts.publicKeys()).toHaveLength(2)
    await test.accounts.rotateSigningKeys(null, null)
    expect(test.accounts.publicKeys()).toHaveLength(3)
    expect(JSON.stringify(test.accounts.publicKeys())).not.toContain('"d"')
  })
})
