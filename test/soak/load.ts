import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Target {
  readonly port: number
  readonly headers: Readonly<Record<string, string>>
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal
  /** Hears of each piece of work that is done. */
  done(): void
}

/** How many pieces of work are under way at once. */
const workers = 12

/** Does the work for each number below `count`, several at once, in order of their beginning. */
export async function inParallel(count: number, { signal, done }: Target, work: (n: number) => Promise<void>) {
  let next = 0
  async function worker(): Promise<void> {
    while (next < count) {
      signal.throwIfAborted()
      const n = next
      next += 1
      await work(n)
      done()
    }
  }
  await Promise.all(Array.from({ length: workers }, worker))
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** Sends a body to `/graphql`, or asks for a path without one, over one of the agent's connections. */
function ask(
  target: Target,
  agent: Agent,
  { path = '/graphql', body }: { path?: string; body?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port, headers, signal } = target
    const method = body === undefined ? 'GET' : 'POST'
    const own = { ...headers, 'content-type': 'application/json', accept: 'application/json' }
    const asked = request({ host: '127.0.0.1', port, path, method, agent, signal, headers: own })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    asked.end(body)
  })
}

/** Runs with connections that are closed afterwards. */
async function withAgent(run: (agent: Agent) => Promise<void>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: workers })
  try {
    await run(agent)
  } finally {
    agent.destroy()
  }
}

/** What each request asks for, in turn: what is right, what is wrong, and documents that nobody sent before. */
const requests: readonly ((n: number) => Parameters<typeof ask>[2])[] = [
  () => ({ body: JSON.stringify({ query: '{ __typename }' }) }),
  () => ({ body: JSON.stringify({ query: '{ viewer { user { id email } } }' }) }),
  () => ({ body: JSON.stringify({ query: '{ jobs(first: 2) { nodes { id state } } }' }) }),
  (n) => ({ body: JSON.stringify({ query: `{ a${process.pid}x${n}: __typename }` }) }),
  (n) => ({ body: JSON.stringify({ query: `{ nothing${n} }` }) }),
  (n) => ({
    body: JSON.stringify({ query: 'query ($id: ID!) { job(id: $id) { id } }', variables: { id: `job_${n}` } }),
  }),
  () => ({ body: '{ this is no JSON' }),
  (n) => ({ path: `/nowhere/${n}` }),
  () => ({ path: '/readyz' }),
]

/** How long a server that refuses for load is left alone, in ms. */
const refusedMs = 50

/** Sends so many requests. Throws when one is answered as none may be. */
export function sendRequests(count: number, target: Target): Promise<void> {
  return withAgent((agent) =>
    inParallel(count, target, async (n) => {
      const { status, body } = await ask(target, agent, requests[n % requests.length]?.(n) ?? {})
      if (status >= 500 && status !== 503) throw new Error(`A request was answered ${status}: ${body}`)
    }),
  )
}

const submission = 'mutation ($n: Int!) { chirp(input: { n: $n }) { ... on ChirpAccepted { job { id } } } }'

/** Enters so many jobs and waits until none is left to do. */
export function runJobs(count: number, target: Target): Promise<void> {
  return withAgent(async (agent) => {
    await inParallel(count, target, async (n) => {
      const body = JSON.stringify({ query: submission, variables: { n } })
      for (;;) {
        const answer = await ask(target, agent, { body })
        if (answer.body.includes('"id":"job_')) return
        if (!answer.body.includes('OVERLOADED')) throw new Error(`A job was not entered: ${answer.body}`)
        await sleep(refusedMs, undefined, { signal: target.signal })
      }
    })
    const body = JSON.stringify({ query: '{ poolStatus { queued busy waiting } }' })
    while (!(await ask(target, agent, { body })).body.includes('{"queued":0,"busy":0,"waiting":0}')) {
      await sleep(refusedMs, undefined, { signal: target.signal })
    }
  })
}
