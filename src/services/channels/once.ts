import { canonicalJson } from '../../core/canonical-json.ts'
import { type InputIssue, Refusal } from '../../core/errors.ts'
import { sha256 } from '../../core/secrets.ts'
import type { Records } from '../../ports/store.ts'

/** For how long a key stands for what was published under it. */
const keyMs = 24 * 60 * 60 * 1000

const maxKeyLength = 200

/** A wish to publish something once. */
export interface Wish {
  readonly userId: string
  readonly topic: string
  /** `null`: as often as it is asked for. */
  readonly key: string | null
  /** The same input under the same key is the same wish. */
  readonly input: unknown
  readonly now: number
}

/**
 * Does it, or answers what was answered when it was done under the same key within the last 24 hours. What it answers must be
 * JSON. In the transaction of what it does. Throws `IDEMPOTENCY_CONFLICT` where the key was used for another input.
 */
export async function once<Answer extends object>(
  { idempotencyKeys }: Records,
  { userId, topic, key, input, now }: Wish,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (key === null) return work()
  const use = { userId, topic, key }
  const inputHash = sha256(canonicalJson(input))
  const earlier = await idempotencyKeys.claim({ ...use, inputHash, expiresAt: now + keyMs }, now)
  if (earlier === null) {
    const answer = await work()
    await idempotencyKeys.complete(use, JSON.stringify(answer))
    return answer
  }
  if (earlier.inputHash !== inputHash) {
    throw new Refusal('IDEMPOTENCY_CONFLICT', 'The idempotency key was already used with another input.')
  }
  // What was written above, for the same kind of input.
  return JSON.parse(earlier.result) as Answer
}

/** What is wrong with a key; empty when nothing is, or there is none. */
export function keyIssues(key: string | null): readonly InputIssue[] {
  if (key === null || isKey(key)) return []
  const message = `Must have 1 to ${maxKeyLength} characters, none of them a control character.`
  return [{ path: ['idempotencyKey'], message }]
}

function isKey(text: string): boolean {
  return text !== '' && text.length <= maxKeyLength && text.isWellFormed() && !/\p{Cc}/u.test(text)
}
