/**
 * Watches a job with urql, over any number of lost connections:
 *
 *   MILLRACE_TOKEN=… node examples/clients/urql.ts job_…
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { createClient, type Sink } from 'graphql-ws'
import { renewing } from './renewing.ts'
import { resuming } from './resuming.ts'
import { printAnswer, printFailure, server, token, variables, watchJob } from './watch-job.ts'

const credential = renewing(token)
const socket = resuming(
  createClient({
    url: `${server.replace(/^http/, 'ws')}/graphql`,
    connectionParams: credential.headers,
    retryAttempts: Infinity,
    shouldRetry: credential.mayTryAgain,
    retryWait: (retries) => sleep(Math.random() * Math.min(10_000, 500 * 2 ** retries)),
  }),
)
const client = new Client({
  url: `${server}/graphql`,
  preferGetMethod: false,
  exchanges: [
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables, extensions }) => ({
        // Both mean a GraphQL answer, each in types of its own.
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables, extensions }, sink as Sink) }),
      }),
    }),
    fetchExchange,
  ],
})

client.subscription(watchJob, variables).subscribe((result) => {
  // When the operation is over, urql gives the last answer or refusal once more, without `hasNext`.
  if (result.hasNext) printAnswer(result)
  else if (result.error?.networkError !== undefined) printFailure(result.error)
})
