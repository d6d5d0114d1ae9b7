import { setTimeout as sleep } from 'node:timers/promises'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { Bench, Check } from '../bench.ts'
import { textAt } from '../json.ts'
import type { OpenLog } from '../open-log.ts'
import { pollType } from '../request-of.ts'
import type { Operation, Transport } from '../target.ts'
import { must, mustEqual, show, Violation } from '../violation.ts'
import { openWatch, upTo, type Watch } from '../watch.ts'
import { type BreakableLine, openBreakableLine } from '../wire/breakable-line.ts'
import { eachTransport } from './each-transport.ts'

/** What a stock client sends again and again, with the one member that its user changes. */
type Payload = Operation & {
  readonly extensions: { readonly resume: { after: string | null; readonly onGap: 'error' } }
}

interface Heard {
  next(payload: unknown): void
  failed(why: unknown): void
  completed(): void
}

type Subscribe = (bench: Bench, line: BreakableLine, payload: Payload, heard: Heard) => void

const retry = () => sleep(10)
const manyTimes = 200

/** graphql-ws as its documentation has it, with headers as a client of node sends them. */
const subscribeWs: Subscribe = ({ target, signal }, { url }, payload, heard) => {
  const { headers } = target
  class SocketWithHeaders extends WebSocket {
    constructor(address: string, protocol: string) {
      super(address, protocol, { headers })
    }
  }
  const client = createWsClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: SocketWithHeaders,
    retryAttempts: manyTimes,
    retryWait: retry,
    shouldRetry: () => true,
  })
  // A socket that is still being opened makes this fail, and is closed all the same.
  const stop = () => void Promise.resolve(client.dispose()).catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  client.subscribe({ ...payload, variables: { ...payload.variables } }, sinkOf(heard))
}

/** graphql-sse in distinct connections mode. */
const subscribeSse: Subscribe = ({ target, signal }, { url }, payload, heard) => {
  const client = createSseClient({ url, headers: { ...target.headers }, retryAttempts: manyTimes, retry })
  signal.addEventListener('abort', () => client.dispose(), { once: true })
  client.subscribe({ ...payload, variables: { ...payload.variables } }, sinkOf(heard))
}

function sinkOf(heard: Heard) {
  return { next: (payload: unknown) => heard.next(payload), error: heard.failed, complete: () => heard.completed() }
}

/** One poll after another with `fetch`, which is all that a poll takes. */
const subscribePoll: Subscribe = ({ target, signal }, { url }, payload, heard) => {
  async function pollOn(): Promise<void> {
    while (!signal.aborted) {
      const body = JSON.stringify({ ...payload, extensions: { ...payload.extensions, poll: { waitMs: 5_000 } } })
      const headers = { ...target.headers, 'content-type': 'application/json', accept: pollType }
      // A connection that breaks: the same poll again.
      const response = await fetch(url, { method: 'POST', headers, body, signal }).catch(() => null)
      const text = await response?.text().catch(() => null)
      if (response === null || text === null || text === undefined) await retry()
      else if (hearPoll(response, text, payload, heard)) return heard.completed()
    }
  }
  pollOn().catch(heard.failed)
}

/** Passes the items of a poll on; says whether it was the last. */
function hearPoll({ status, headers }: Response, text: string, payload: Payload, heard: Heard): boolean {
  const { resume } = payload.extensions
  if (status === 204) {
    resume.after = headers.get('millrace-cursor')
    return false
  }
  if (status !== 200) throw new Violation(`a poll was answered ${status} ${show(text)}`)
  // Checked by other checks; here a stock client believes what it reads.
  const answer = JSON.parse(text) as { items: { payload: unknown }[]; cursor: string; closed: boolean }
  for (const item of answer.items) heard.next(item.payload)
  resume.after = answer.cursor
  return answer.closed
}

const clients: Readonly<Record<Transport, Subscribe>> = { ws: subscribeWs, sse: subscribeSse, poll: subscribePoll }

/** Watches with a stock client that writes the last cursor into what it will send again. Resolves when it has heard enough. */
async function listen(bench: Bench, line: BreakableLine, log: OpenLog, subscribe: Subscribe): Promise<Listener> {
  const numbers: number[] = []
  let failure: Violation | null = null
  let wake = () => undefined as void
  const payload: Payload = { ...log.operation, extensions: { resume: { after: 'earliest', onGap: 'error' } } }
  subscribe(bench, line, payload, {
    next(answer) {
      payload.extensions.resume.after = textAt(answer, 'extensions', 'resume', 'cursor')
      const number = log.numberOf(answer)
      if (number === null) failure ??= new Violation(`an answer that is no event: ${show(answer)}`)
      else numbers.push(number)
      wake()
    },
    failed(why) {
      failure ??=
        why instanceof Violation
          ? why
          : new Violation(`the client gave up: ${why instanceof Error ? why.message : show(why)}`)
      wake()
    },
    completed() {
      failure ??= new Violation('the operation completed although its log goes on')
      wake()
    },
  })
  return {
    numbers,
    async until(count) {
      const deadline = performance.now() + bench.target.patienceMs
      while (numbers.length < count && failure === null) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const left = deadline - performance.now()
        must(left > 0, `${numbers.length} of ${count} events in time: ${show(numbers)}`)
        await Promise.race([promise, sleep(left, null, { ref: false })])
      }
      if (failure !== null) throw failure
    },
  }
}

interface Listener {
  readonly numbers: readonly number[]
  until(count: number): Promise<void>
}

const rounds = 5
const perRound = 2

async function survivesCuts(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  await log.trigger()
  const line = await openBreakableLine(bench.target.url, bench.signal)
  const listener = await listen(bench, line, log, clients[transport])
  await listener.until(1)
  for (let round = 0; round < rounds; round += 1) {
    await log.trigger()
    line.cut()
    await log.triggerMany(perRound - 1)
    await listener.until(log.made)
  }
  mustEqual(listener.numbers, upTo(1 + rounds * perRound), `the events of a client that was cut off ${rounds} times`)
  must(line.cuts > 0, 'no connection was cut')
}

/** What does not fit between the two ends of a connection, in bytes: systems hold some megabytes. */
const flood = 12_000_000

async function waitsForSlowReaders(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  // As many bytes as the large text of other checks.
  const bytes = Math.ceil((bench.target.largeText * 5) / 3)
  const text = 'x'.repeat(bytes)
  // Before there is a reader: a server may cut off who stands still for as long as this may take.
  for (let sent = 0; sent < flood; sent += bytes) await log.trigger(text)
  const watch = await openWatch(bench, transport, log.operation, { after: 'earliest', onGap: 'error' })
  await expectNumber(watch, log, 1)
  watch.pause()
  for (let count = 0; count < 5; count += 1) await log.trigger(text)
  watch.resume()
  for (const number of upTo(log.made, 2)) await expectNumber(watch, log, number)
}

async function expectNumber(watch: Watch, log: OpenLog, expected: number): Promise<void> {
  const answer = await watch.next()
  mustEqual(log.numberOf(answer?.payload), expected, 'the next event of a reader that was slow')
}

export const stockClientChecks: readonly Check[] = [
  ...eachTransport({
    id: 'stock.cuts',
    rule: 'T3',
    level: 'MUST',
    says: 'a stock client that writes the last cursor into its payload gets each event once through cuts',
    run: survivesCuts,
  }),
  ...eachTransport(
    {
      id: 'slow.reader',
      rule: 'L2',
      level: 'MUST',
      says: 'a reader that stands still for a while gets everything afterwards',
      slow: true,
      run: waitsForSlowReaders,
    },
    ['ws', 'sse'],
  ),
]
