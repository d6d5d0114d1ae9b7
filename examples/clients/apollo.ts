/**
 * Watches a job with Apollo Client, over any number of lost connections:
 *
 *   MILLRACE_TOKEN=… node examples/clients/apollo.ts job_…
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ApolloClient, gql, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { createClient } from 'graphql-ws'
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
const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() })

// Events are not the state of anything that the cache could keep.
const events = client.subscribe({ query: gql(watchJob), variables, fetchPolicy: 'no-cache' })
events.subscribe({ next: printAnswer, error: printFailure })
