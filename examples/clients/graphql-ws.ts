/**
 * Watches a job with graphql-ws, over any number of lost connections:
 *
 *   MILLRACE_TOKEN=… node examples/clients/graphql-ws.ts job_…
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { renewing } from './renewing.ts'
import { resuming } from './resuming.ts'
import { printAnswer, printFailure, server, token, variables, watchJob } from './watch-job.ts'

const credential = renewing(token)
const client = resuming(
  createClient({
    url: `${server.replace(/^http/, 'ws')}/graphql`,
    // Asked for at each connection: with a fresh token each time, the stream outlives the old one.
    connectionParams: credential.headers,
    retryAttempts: Infinity,
    shouldRetry: credential.mayTryAgain,
    retryWait: (retries) => sleep(Math.random() * Math.min(10_000, 500 * 2 ** retries)),
  }),
)

client.subscribe({ query: watchJob, variables }, { next: printAnswer, error: printFailure, complete: () => {} })
