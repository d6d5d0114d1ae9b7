import type { Profile } from './target.ts'

/** The operations by which the suite uses a Millrace with its built-in tasks and the channels that it has by default. */
export const millraceProfile: Profile = {
  subscription: {
    query: `subscription ($name: String!) {
      channel(name: $name) { __typename ... on MessagePublished { message { id body } } }
    }`,
    variables: { name: 'chat/{{topic}}' },
  },
  trigger: {
    query: `mutation ($name: String!, $body: JSON!) {
      publishMessage(channel: $name, body: $body) {
        __typename
        ... on Error { code message }
        ... on RateLimitedError { retryAfterSeconds }
      }
    }`,
    variables: { name: 'chat/{{topic}}', body: '{{text}}' },
  },
  finished: {
    query: 'subscription ($id: ID!) { job(id: $id) { __typename at job { id state } } }',
    variables: { id: '{{computeFibonacci.job.id}}' },
  },
  prepare: {
    query: `mutation {
      computeFibonacci(input: { n: 30 }) {
        ... on ComputeFibonacciAccepted { job { id } }
        ... on Error { code message }
      }
    }`,
  },
  guarded: null,
  expire: null,
  query: { query: '{ __typename }' },
}
