import { createHmac } from 'node:crypto'
import { compare, genSaltSync, hash as bcryptHash } from 'bcrypt'
import { RateLimitedError } from '../../core/errors.ts'
import type { PasswordHasher } from '../../ports/password-hasher.ts'
import { createBoundedQueue } from './bounded-queue.ts'

export interface BcryptPasswordHasherOptions {
  /** 32 bytes that are in the database in sealed form only: without them a stolen hash cannot be guessed at. */
  readonly pepper: Buffer
  /** The logarithm of the number of rounds: 12 takes about 270 ms. */
  readonly cost?: number
  /** How many hashes run at once. Each keeps one of libuv's four threads busy. */
  readonly concurrency?: number
  /** How many more may wait; the last quarter of the places is for askers who are known. */
  readonly maxWaiting?: number
}

/**
 * The scheme of a stored hash: bcrypt over base64(HMAC-SHA-384(pepper, NFC(password))), which is 64 bytes, because bcrypt
 * reads 72 at most and stops at a NUL. `1` is the number of the pepper.
 */
const scheme = 'hmac-sha384-bcrypt:1:'

const stored = /^hmac-sha384-bcrypt:1:(\$2b\$(\d\d)\$[./A-Za-z0-9]{53})$/

/** A stored hash of a higher cost is not computed: at 15 one takes over 2 s. */
const highestCost = 14

/** Password hashes by bcrypt, in libuv's threads. */
export function bcryptPasswordHasher(options: BcryptPasswordHasherOptions): PasswordHasher {
  const cost = options.cost ?? 12
  if (!Number.isInteger(cost) || cost < 4 || cost > highestCost) {
    throw new TypeError(`The cost of bcrypt is a whole number from 4 to ${highestCost}.`)
  }
  const dummy = unmatchable(cost)
  const maxWaiting = options.maxWaiting ?? 32
  const queue = createBoundedQueue({
    concurrency: options.concurrency ?? 2,
    maxWaiting,
    reserved: Math.floor(maxWaiting / 4),
    full: () => new RateLimitedError('Too many passwords are being checked at the moment. Try again in 5 seconds.', 5),
  })

  const prehash = (password: string) =>
    createHmac('sha384', options.pepper).update(password.normalize('NFC'), 'utf8').digest('base64')

  return {
    hash: (password, asker) => queue(async () => scheme + (await bcryptHash(prehash(password), cost)), asker?.known),

    verify: (password, text, asker) =>
      queue(async () => {
        const known = text === null ? null : parse(text)
        const matches = await compare(prehash(password), known?.hash ?? dummy)
        return matches && known !== null
      }, asker?.known),

    needsRehash: (text) => parse(text)?.cost !== cost,
  }
}

/** The bcrypt text in a stored hash; `null` when it is not one of ours or would cost too much. */
function parse(text: string): { readonly hash: string; readonly cost: number } | null {
  const [, hash, digits] = stored.exec(text) ?? []
  if (hash === undefined) return null
  const cost = Number(digits)
  return cost >= 4 && cost <= highestCost ? { hash, cost } : null
}

/** A hash that takes as long to compare as a real one of today and matches nothing. */
function unmatchable(cost: number): string {
  return genSaltSync(cost) + '.'.repeat(31)
}
