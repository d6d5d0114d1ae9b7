import { setTimeout as sleep } from 'node:timers/promises'
import { fill } from './fill.ts'
import { at, isObject, textAt } from './json.ts'
import type { Operation, Target } from './target.ts'
import { Impossible, NotAsked, show } from './violation.ts'
import { exchange } from './wire/http.ts'

/** A log that gets events when a check wants them. */
export interface OpenLog {
  /** What its topic is called. */
  readonly topic: string
  readonly operation: Operation
  /** How many events the check has made. */
  readonly made: number
  /** Makes one more event, which has the text in it; gives its number, from 1. Throws `Impossible` when it is refused. */
  trigger(text?: string): Promise<number>
  /** The operation that makes one more event, to be sent by the check itself. */
  triggerPayload(text: string): Operation
  /** Makes so many more, one after the other. */
  triggerMany(count: number): Promise<void>
  /** The number of the event that an answer tells of; `null` for a snapshot and for events of somebody else. */
  numberOf(payload: unknown): number | null
  /** Makes the log forget its events. Throws `NotAsked` where the profile has nothing for it. */
  expire(): Promise<void>
}

export interface OpenLogOptions {
  readonly target: Target
  readonly topic: string
  readonly signal: AbortSignal
}

export function createOpenLog({ target, topic, signal }: OpenLogOptions): OpenLog {
  const { subscription, trigger, expire } = target.profile
  let made = 0
  const numbered = new RegExp(`${topic}:(\\d+);`)

  function filled(operation: Operation, text: string): Operation {
    const variables = fill(operation.variables ?? {}, { topic, text })
    return { query: operation.query, variables: isObject(variables) ? variables : {} }
  }

  return {
    topic,
    operation: withTopic(subscription, topic),
    get made() {
      return made
    },
    async trigger(text = '') {
      const operation = this.triggerPayload(text)
      await mutate(target, operation, signal)
      return made
    },
    triggerPayload(text) {
      made += 1
      return filled(trigger, `${topic}:${made};${text}`)
    },
    async triggerMany(count) {
      for (let more = 0; more < count; more += 1) await this.trigger()
    },
    numberOf(payload) {
      const found = numbered.exec(JSON.stringify(at(payload, 'data')) ?? '')
      return found === null ? null : Number(found[1])
    },
    async expire() {
      if (expire === null)
        throw new NotAsked('needs an operation `expire` in --profile, which makes the log forget its events')
      await mutate(target, filled(expire, ''), signal)
    },
  }
}

/** The operation with the topic's name in its variables. */
export function withTopic({ query, variables }: Operation, topic: string): Operation {
  const filled = fill(variables ?? {}, { topic })
  return { query, variables: isObject(filled) ? filled : {} }
}

/**
 * Runs a mutation of the profile, again when it is asked to come later; gives its data. Throws `Impossible` when it is refused.
 */
export async function mutate(target: Target, operation: Operation, signal: AbortSignal): Promise<unknown> {
  for (;;) {
    const { status, headers, json, text } = await exchange({
      url: target.url,
      method: 'POST',
      headers: { accept: 'application/json', ...target.headers, 'content-type': 'application/json' },
      body: JSON.stringify(operation),
      signal,
      patienceMs: Math.max(10_000, target.patienceMs),
    })
    const refusal = refusalIn(json)
    const seconds = Number(headers['retry-after'] ?? at(refusal, 'retryAfterSeconds') ?? Number.NaN)
    if (status === 200 && isObject(at(json, 'data')) && refusal === null) return at(json, 'data')
    if (Number.isNaN(seconds)) throw new Impossible(`an operation of the profile was refused: ${show(json ?? text)}`)
    await sleep(seconds * 1000, null, { signal })
  }
}

/** An error of the answer, or a result that is one by having a `code`. */
function refusalIn(json: unknown): unknown {
  const error = at(json, 'errors', 0)
  if (error !== undefined) return at(error, 'extensions') ?? error
  const data = at(json, 'data')
  if (!isObject(data)) return null
  return Object.values(data).find((result) => textAt(result, 'code') !== null) ?? null
}
