import type { Sealer } from '../../../core/sealer.ts'
import type { SigningKeyPair } from '../../../ports/access-tokens.ts'
import type { SigningKeyRecord } from '../../../ports/accounts/signing-keys.ts'
import type { Records } from '../../../ports/store.ts'
import { revoke } from '../sessions/revocations.ts'

/**
 * How long a retired key still verifies: the longest life of a token (15 minutes), the clocks that may differ, and a minute
 * in which a process may not have heard of the rotation and signs with it.
 */
const retiredKeyMs = 17 * 60_000

/** The context that a private key is sealed with. */
export function privateKeyContext(kid: string): string {
  return `signing_keys.private_sealed ${kid}`
}

/** A key as it is entered. */
export function newKeyRecord(
  { kid, publicJwk, privateJwk }: SigningKeyPair,
  sealer: Sealer,
  now: number,
): Omit<SigningKeyRecord, 'state'> {
  const privateSealed = sealer.seal(privateJwk, privateKeyContext(kid))
  return { kid, publicJwk, privateSealed, createdAt: now, retiredAt: null }
}

type NewKey = ReturnType<typeof newKeyRecord>

/** Enters an active and a next key where they are missing. */
export async function completeRing(records: Records, [first, second]: readonly [NewKey, NewKey]): Promise<void> {
  await takeTurn(records, first.kid, first.createdAt)
  const states = (await records.signingKeys.list()).map(({ state }) => state)
  if (!states.includes('ACTIVE')) await records.signingKeys.insert({ ...first, state: 'ACTIVE' })
  if (!states.includes('NEXT')) await records.signingKeys.insert({ ...second, state: 'NEXT' })
}

/**
 * The rotation: the next key becomes active, the active one retires, and there is a new next one. `active` is the one that
 * the caller knows (compare-and-set): of several rotations at once one is made. Says whether it was this call.
 */
export async function advanceRing(
  records: Records,
  { active, fresh, now }: { readonly active: string; readonly fresh: NewKey; readonly now: number },
): Promise<boolean> {
  const { signingKeys } = records
  await takeTurn(records, fresh.kid, now)
  if (!(await signingKeys.setState(active, 'ACTIVE', 'RETIRED', now))) return false
  const next = (await signingKeys.list()).find(({ state }) => state === 'NEXT')
  if (next === undefined || !(await signingKeys.setState(next.kid, 'NEXT', 'ACTIVE', now))) {
    throw new Error('There is no next signing key: start the server once, which makes one.')
  }
  await signingKeys.insert({ ...fresh, state: 'NEXT' })
  await removeOldKeys(records, now)
  return true
}

/** Removes the retired keys whose last token has expired; how many. */
export async function removeOldKeys({ signingKeys }: Records, now: number): Promise<number> {
  const old = (await signingKeys.list()).filter((key) => isOld(key, now))
  for (const { kid } of old) await signingKeys.remove(kid)
  return old.length
}

export function isOld({ state, retiredAt }: SigningKeyRecord, now: number): boolean {
  return state === 'RETIRED' && retiredAt !== null && now - retiredAt >= retiredKeyMs
}

/** Tells every process; and who appends first holds the topic until the commit, so that changes of the ring come one by one. */
function takeTurn(records: Records, kid: string, now: number): Promise<void> {
  return revoke(records, { kind: 'signingKeys', id: kid, ends: false }, now)
}
