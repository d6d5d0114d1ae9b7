import { RateLimitedError } from '../../core/errors.ts'
import type { OpenRateLimiter } from '../../ports/rate-limiter.ts'
import { rowOf } from '../line/row-of.ts'
import { type AskPrimaryOptions, createAskPrimary } from './ask-primary.ts'

export interface IpcLimitersOptions extends AskPrimaryOptions {
  /** Makes what counts in this process while the primary does not answer. */
  readonly openHere: OpenRateLimiter
}

/** Limiters of a member that count in the primary, with those of the other members. */
export function createIpcLimiters({ openHere, ...options }: IpcLimitersOptions): OpenRateLimiter {
  const ask = createAskPrimary(options)

  return (name, limit) => {
    const here = openHere(name, limit)
    const counter = [name, limit.attempts, limit.seconds]
    return {
      async consume(key, cost = 1) {
        const answered = await ask('limit.consume', [...counter, key, cost])
        if (answered === null) await here.consume(key, cost)
        else throwRefusal(answered.answer)
      },
      async reset(key) {
        await here.reset(key)
        await ask('limit.reset', [...counter, key])
      },
    }
  }
}

/** The primary answers `null`, or with the sentence and the seconds of its refusal. */
function throwRefusal(answer: unknown): void {
  if (!Array.isArray(answer)) return
  const [sentence, seconds] = rowOf(answer)
  throw new RateLimitedError(String(sentence), Number(seconds))
}
