import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { post } from '../post.ts'
import type { SignInAnswers, SignInOrder } from './messages.ts'

/** A process of its own, so that what it does is not what is measured. */

process.on('message', (order: SignInOrder) => void signIn(order))

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
