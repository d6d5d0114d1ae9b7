import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GeneratorOrder, SignInAnswers } from './messages.ts'

/** A process of its own, so that what it does is not what is measured. */

const paceMs = 10

let stop = () => {}

process.on('message', (order: GeneratorOrder) => {
  if (order.kind === 'stop') stop()
  else if (order.kind === 'latency') measureLatency(order.port)
  else void signIn(order)
})

/** One request every 10 ms, whether the ones before it were answered or not. */
function measureLatency(port: number): void {
  const agent = new Agent({ keepAlive: true })
  const measured: Promise<number>[] = []
  const timer = setInterval(() => {
    const started = performance.now()
    const asked = post(port, { query: '{ __typename }' }, { agent })
    measured.push(asked.then(() => performance.now() - started))
  }, paceMs)
  stop = () => {
    clearInterval(timer)
    void Promise.all(measured).then((latencies) => {
      agent.destroy()
      process.send?.(latencies)
    })
  }
}

type SignInOrder = GeneratorOrder & { readonly kind: 'signIns' }

/** How often somebody who is told to come again does so. */
const tries = 2

async function signIn(order: SignInOrder): Promise<void> {
  // A connection each time: one that is kept may be closed by the server at the moment of the next try.
  const agent = new Agent({ maxSockets: order.people })
  const counts: Record<string, number> = {}
  const count = (answer: string) => {
    counts[answer] = (counts[answer] ?? 0) + 1
  }
  await Promise.all(
    Array.from({ length: order.people }, async (_, person) => {
      await sleep((person / order.people) * order.withinMs)
      for (let attempt = 1; attempt <= tries; attempt += 1) {
        const { name, retryAfterMs } = await signInOnce(order, person, agent)
        count(name)
        if (retryAfterMs === null || order.withinMs === 0) return
        await sleep(retryAfterMs)
      }
    }),
  )
  agent.destroy()
  process.send?.({ counts } satisfies SignInAnswers)
}

const query = `mutation ($input: SignInInput!) {
  signIn(input: $input) { __typename ... on RateLimitedError { retryAfterSeconds } }
}`

async function signInOnce({ port, password }: SignInOrder, person: number, agent: Agent) {
  const input = { email: `person${person}@example.com`, password, delivery: 'TOKENS' }
  // A network of their own each: what is to hold them back is the queue of the hasher alone.
  const headers = { 'x-forwarded-for': `10.${person >> 8}.${person % 256}.7` }
  const { status, value } = await post(port, { query, variables: { input } }, { agent, headers })
  const { __typename: name = `status ${status}`, retryAfterSeconds } = value as SignInValue // an answer to the query
  return { name, retryAfterMs: retryAfterSeconds === undefined ? null : retryAfterSeconds * 1000 }
}

interface SignInValue {
  readonly __typename?: string
  readonly retryAfterSeconds?: number
}

interface Answer {
  readonly status: number | undefined
  /** Of the only field; an empty object without data. */
  readonly value: unknown
}

function post(
  port: number,
  body: object,
  { agent, headers = {} }: { readonly agent: Agent; readonly headers?: Readonly<Record<string, string>> },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const json = { 'content-type': 'application/json', accept: 'application/json' }
    const target = { port, host: '127.0.0.1', path: '/graphql', method: 'POST' }
    const asked = request({ ...target, agent, headers: { ...json, ...headers } })
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve({ status: response.statusCode, value: valueOf(text) }))
    })
    asked.on('error', reject)
    asked.end(JSON.stringify(body))
  })
}

function valueOf(text: string): unknown {
  const { data } = JSON.parse(text) as { data?: Record<string, unknown> | null } // an answer of GraphQL
  return Object.values(data ?? {})[0] ?? {}
}
