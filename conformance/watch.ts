import type { Bench } from './bench.ts'
import { at, type JsonObject, textAt } from './json.ts'
import type { OpenLog } from './open-log.ts'
import { pollType, postOf, socketOf } from './request-of.ts'
import type { Operation, Transport } from './target.ts'
import { must, show, Violation } from './violation.ts'
import { exchange } from './wire/http.ts'
import { dataOf, fieldOf, openSse } from './wire/sse.ts'
import { openAcknowledged } from './wire/ws.ts'
import { parseJson } from './json.ts'

/** What `extensions.resume` of a request holds; anything, where a check sends what it should not. */
export type Resume = Readonly<Record<string, unknown>> | null

/** One answer of an operation, by whatever transport. */
export interface Answer {
  readonly payload: unknown
  /** `extensions.resume.cursor` of the payload. */
  readonly cursor: string | null
}

/** The answers of an operation over one connection, or over one poll after another. */
export interface Watch {
  /** The next answer; `null` when the operation is complete. Throws a `Violation` when it breaks off or nothing comes. */
  next(patienceMs?: number): Promise<Answer | null>
  /** The HTTP status of a refused operation; `null` for a WebSocket and before. */
  readonly status: number | null
  /** Reads nothing from the connection until `resume()`. Event streams and polls are read only while a `next()` waits anyhow. */
  pause(): void
  resume(): void
  close(): void
}

export type WatchBench = Pick<Bench, 'target' | 'signal'>

export const codeOf = (payload: unknown): string | null => textAt(payload, 'errors', 0, 'extensions', 'code')

/** Opens an operation over a transport. The headers of the bench's target are the credential. */
export async function openWatch(
  bench: WatchBench,
  transport: Transport,
  operation: Operation,
  resume: Resume = null,
): Promise<Watch> {
  const payload = { ...operation, ...(resume !== null && { extensions: { resume } }) }
  return openers[transport](bench as Bench, payload)
}

const openers: Readonly<Record<Transport, (bench: Bench, payload: JsonObject & Operation) => Promise<Watch>>> = {
  ws: watchWs,
  sse: watchSse,
  poll: async (bench, payload) => watchPoll(bench, payload),
}

function answerOf(payload: unknown): Answer {
  return { payload, cursor: textAt(payload, 'extensions', 'resume', 'cursor') }
}

async function watchWs(bench: Bench, payload: object): Promise<Watch> {
  const wire = await openAcknowledged(socketOf(bench))
  wire.send({ id: 'w', type: 'subscribe', payload })
  let isOver = false
  return {
    status: null,
    async next(patienceMs) {
      if (isOver) return null
      const message = await wire.next(patienceMs)
      if (message['type'] === 'next') return answerOf(message['payload'])
      isOver = true
      wire.close()
      if (message['type'] === 'complete') return null
      must(message['type'] === 'error', `a message that is none of next, error and complete: ${show(message)}`)
      return { payload: { errors: message['payload'] }, cursor: null }
    },
    pause: () => wire.socket.pause(),
    resume: () => wire.socket.resume(),
    close: () => wire.close(),
  }
}

async function watchSse(bench: Bench, payload: object): Promise<Watch> {
  const wire = await openSse(postOf(bench, payload, {}))
  if (wire.status !== 200) {
    wire.close()
    throw new Violation(`a POST for an event stream was answered ${wire.status}`)
  }
  let isOver = false
  return {
    status: 200,
    async next(patienceMs) {
      if (isOver) return null
      const block = await wire.nextEvent(patienceMs)
      if (block === null) throw new Violation('the event stream ended without `complete`')
      const event = fieldOf(block, 'event')
      isOver = event === 'complete'
      if (isOver) return null
      must(event === 'next', `an event that is neither next nor complete: ${show(block)}`)
      return answerOf(parseJson(dataOf(block)))
    },
    pause: () => undefined,
    resume: () => undefined,
    close: wire.close,
  }
}

function watchPoll(bench: Bench, payload: JsonObject & Operation): Watch {
  const { target } = bench
  const waiting: Answer[] = []
  let resume = at(payload, 'extensions', 'resume')
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, bench.signal])
  let status: number | null = null
  let isOver = false

  /** One poll: what it brings waits, and the place to go on is kept. */
  async function pollOnce(patienceMs: number): Promise<void> {
    const extensions = {
      ...(resume !== undefined && { resume }),
      poll: { waitMs: Math.min(30_000, Math.round(patienceMs)) },
    }
    const request = postOf({ ...bench, signal }, { ...payload, extensions }, { accept: pollType })
    const answer = await exchange({ ...request, patienceMs: patienceMs + target.patienceMs })
    status = answer.status
    if (answer.status === 204) {
      const cursor = answer.headers['millrace-cursor']
      must(typeof cursor === 'string', 'a poll was answered 204 without Millrace-Cursor')
      resume = { ...Object(resume), after: cursor }
      return
    }
    isOver = answer.status !== 200 || at(answer.json, 'closed') === true
    if (answer.status !== 200) return void waiting.push({ payload: answer.json, cursor: null })
    const items = at(answer.json, 'items')
    must(Array.isArray(items), `a poll was answered 200 without items: ${show(answer.json)}`)
    for (const item of items) waiting.push(answerOf(at(item, 'payload')))
    resume = { ...Object(resume), after: at(answer.json, 'cursor') }
  }

  return {
    get status() {
      return status
    },
    async next(patienceMs = target.patienceMs) {
      const deadline = performance.now() + patienceMs
      while (waiting.length === 0 && !isOver) {
        const left = deadline - performance.now()
        if (left <= 0) throw new Violation(`polls brought nothing within ${patienceMs} ms`)
        await pollOnce(left)
      }
      return waiting.shift() ?? null
    },
    pause: () => undefined,
    resume: () => undefined,
    close: () => stop.abort(),
  }
}

/** The next answer, which must be there. */
export async function nextOf(watch: Watch): Promise<Answer> {
  const answer = await watch.next()
  must(answer !== null, 'the operation completed although more was to come')
  const isRefusal = at(answer.payload, 'data') === undefined
  must(!isRefusal, `the operation was refused or failed: ${show(answer.payload)}`)
  return answer
}

/** The next so many answers. */
export async function take(watch: Watch, count: number): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  while (answers.length < count) answers.push(await nextOf(watch))
  return answers
}

/** The numbers of the next so many events of a log, in the order in which they come; answers of others are passed over. */
export async function takeNumbers(watch: Watch, log: OpenLog, count: number): Promise<readonly number[]> {
  const numbers: number[] = []
  while (numbers.length < count) {
    const number = log.numberOf((await nextOf(watch)).payload)
    if (number !== null) numbers.push(number)
  }
  return numbers
}

/** The next event of the log; answers of others are passed over. */
export async function nextEventOf(watch: Watch, log: OpenLog): Promise<Answer & { readonly number: number }> {
  for (;;) {
    const answer = await nextOf(watch)
    const number = log.numberOf(answer.payload)
    if (number !== null) return { ...answer, number }
  }
}

/** The numbers from one to another, both included. */
export function upTo(last: number, first = 1): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
}

/** How an operation that must not open a stream was refused. */
export interface Refused {
  readonly code: string | null
  readonly status: number | null
  readonly answers: readonly Answer[]
}

/** Opens an operation that is to be refused and reads it to its end. Throws a `Violation` when it goes on. */
export async function refusalOf(
  bench: WatchBench,
  transport: Transport,
  operation: Operation,
  resume: Resume = null,
): Promise<Refused> {
  const watch = await openWatch(bench, transport, operation, resume)
  const answers: Answer[] = []
  for (let answer = await watch.next(); answer !== null; answer = await watch.next()) {
    answers.push(answer)
    must(codeOf(answer.payload) !== null, `an answer without an error code: ${show(answer.payload)}`)
  }
  const [first] = answers
  must(first !== undefined, 'the operation completed without an error')
  return { code: codeOf(first.payload), status: watch.status, answers }
}
