import type { Profile } from '../../conformance/target.ts'
import type { StreamServer } from './open-stream-server.ts'

const watch = 'subscription ($topic: String!) { counter(topic: $topic) { n text } }'
const variables = { topic: '{{topic}}' }

/** The operations by which the conformance suite uses the schema of the counters. */
const profile: Profile = {
  subscription: { query: watch, variables },
  trigger: {
    query: 'mutation ($topic: String!, $text: String) { count(topic: $topic, text: $text) }',
    variables: { ...variables, text: '{{text}}' },
  },
  finished: { query: watch, variables },
  prepare: {
    query: `mutation ($topic: String!) {
      a: count(topic: $topic, text: "🌊") b: count(topic: $topic) c: count(topic: $topic) d: count(topic: $topic)
      e: count(topic: $topic, last: true)
    }`,
    variables,
  },
  guarded: { query: 'subscription { secret { n } }' },
  expire: { query: 'mutation { forget }', variables },
  query: { query: '{ hello }' },
}

/** What the schema has no mutation for: forgetting all events of a counter. */
function local({ store }: Pick<StreamServer, 'store'>) {
  return async (body: string): Promise<object | null> => {
    const { query, variables } = JSON.parse(body)
    if (query !== profile.expire?.query) return null
    await store.write(async ({ log }) => {
      const head = await log.head(variables.topic)
      await log.trim(variables.topic, head?.offset ?? 0)
    })
    return { data: { forget: true } }
  }
}

export const counterProfile = { profile, local }
