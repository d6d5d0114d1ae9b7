import type { Clock } from '../../../core/clock.ts'
import { SealError, type Sealer } from '../../../core/sealer.ts'
import type { KeyRing, SigningAlgorithm, SigningKeyPair } from '../../../ports/access-tokens.ts'
import type { SigningKeyRecord } from '../../../ports/accounts/signing-keys.ts'
import type { Records, Store } from '../../../ports/store.ts'
import { newKeyPair, type PublicJwk, readPublicJwk } from './key-pair.ts'
import { advanceRing, completeRing, isOld, newKeyRecord, privateKeyContext, removeOldKeys } from './ring-records.ts'
import { RootSecretError } from './stored-secret.ts'

/** A signing key as an administrator may see it. */
export interface SigningKey extends Pick<SigningKeyRecord, 'kid' | 'state' | 'createdAt' | 'retiredAt'> {
  readonly algorithm: SigningAlgorithm
}

/** The signing keys of the store, held in memory. */
export interface SigningKeyRing extends KeyRing {
  /** As they were last read: the next one, the active one, and the retired ones that still verify. */
  keys(): readonly SigningKey[]
  /** Their public halves. */
  publicKeys(): readonly PublicJwk[]
  /** Reads them again: they have changed, here or in another process. */
  reload(): Promise<void>
  /**
   * The next key becomes active, the active one retires, and a new next one is made. `guard` runs in the transaction before
   * anything is changed, `note` after it, for whichever call of several at once made the rotation.
   */
  rotate(steps: {
    readonly guard: (records: Records) => Promise<void>
    readonly note: (records: Records) => Promise<void>
  }): Promise<void>
  /** Removes retired keys whose last token has expired. */
  tidy(): Promise<void>
}

export interface SigningKeysOptions {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  /** Of keys that are made from now on. */
  readonly algorithm: SigningAlgorithm
}

interface Loaded {
  readonly active: SigningKeyPair
  readonly records: readonly SigningKeyRecord[]
  readonly publicJwks: ReadonlyMap<string, string>
}

/** A key that is not known is looked for in the store at most so often, in ms: anybody can name one. */
const searchEveryMs = 1000

/** Opens the key ring and makes what is missing of it. Throws a `RootSecretError` when the active key does not open. */
export async function openSigningKeys(options: SigningKeysOptions): Promise<SigningKeyRing> {
  const { store, clock, sealer, algorithm } = options
  await complete(options)
  let loaded = await load(options)
  let searchedAt = -Infinity
  const reading = oneAfterTheOther(async () => {
    loaded = await load(options)
  })

  return {
    active: async () => loaded.active,

    async find(kid) {
      const find = () => loaded.publicJwks.get(kid) ?? null
      if (find() === null && reading.isBusy()) await reading.end()
      if (find() !== null || performance.now() - searchedAt < searchEveryMs) return find()
      searchedAt = performance.now()
      await reading.start()
      return find()
    },

    async rotate({ guard, note }) {
      // As it is when the rotation is asked for: several at once mean the same one.
      const active = loaded.active.kid
      const now = clock.now()
      const fresh = newKeyRecord(await newKeyPair(algorithm), sealer, now)
      await store.write(async (records) => {
        await guard(records)
        if (await advanceRing(records, { active, fresh, now })) await note(records)
      })
      await reading.start()
    },

    async tidy() {
      const now = clock.now()
      if (!loaded.records.some((key) => isOld(key, now))) return
      await store.write((records) => removeOldKeys(records, now))
      await reading.start()
    },

    keys: () => living(loaded.records, clock).map(toSigningKey),
    publicKeys: () => living(loaded.records, clock).map(({ publicJwk }) => readPublicJwk(publicJwk)),
    reload: () => reading.start(),
  }
}

/** Work of which one turn begins after the other has ended: what a turn sees is never older than its call. */
function oneAfterTheOther(work: () => Promise<void>) {
  let last: Promise<void> = Promise.resolve()
  let turns = 0
  return {
    async start(): Promise<void> {
      turns += 1
      const before = last.catch(() => undefined)
      last = before.then(work)
      try {
        await last
      } finally {
        turns -= 1
      }
    },
    end: () => last,
    isBusy: () => turns > 0,
  }
}

async function complete({ store, clock, sealer, algorithm }: SigningKeysOptions): Promise<void> {
  const states = (await store.read(({ signingKeys }) => signingKeys.list())).map(({ state }) => state)
  if (states.includes('ACTIVE') && states.includes('NEXT')) return
  const now = clock.now()
  const first = newKeyRecord(await newKeyPair(algorithm), sealer, now)
  const second = newKeyRecord(await newKeyPair(algorithm), sealer, now)
  await store.write((records) => completeRing(records, [first, second]))
}

async function load({ store, sealer }: SigningKeysOptions): Promise<Loaded> {
  const records = await store.read(({ signingKeys }) => signingKeys.list())
  const active = records.find(({ state }) => state === 'ACTIVE')
  if (active === undefined) throw new Error('There is no active signing key.')
  const { kid, publicJwk, privateSealed } = active
  try {
    const privateJwk = sealer.open(privateSealed, privateKeyContext(kid))
    const publicJwks = new Map(records.map((key) => [key.kid, key.publicJwk]))
    return { active: { kid, publicJwk, privateJwk }, records, publicJwks }
  } catch (error) {
    throw error instanceof SealError ? new RootSecretError() : error
  }
}

function living(records: readonly SigningKeyRecord[], { now }: Clock): readonly SigningKeyRecord[] {
  return records.filter((key) => !isOld(key, now()))
}

function toSigningKey({ kid, state, createdAt, retiredAt, publicJwk }: SigningKeyRecord): SigningKey {
  return { kid, state, createdAt, retiredAt, algorithm: readPublicJwk(publicJwk).alg }
}
