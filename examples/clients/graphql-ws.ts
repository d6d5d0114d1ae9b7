/**
 * Watches a job with graphql-ws, over any number of lost connections:
 *
 *   MILLRACE_TOKEN=… node examples/clients/graphql-ws.ts job_…
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { resuming } from './resuming.ts'
import { printAnswer, server, token, variables, watchJob } from './watch-job.ts'

const client = resuming(
  createClient({
    url: `${server.replace(/^http/, 'ws')}/graphql`,
    // Asked for at each connection: give a fresh token here, and the stream outlives the old one.
    connectionParams: async () => ({ authorization: `Bearer ${await token()}` }),
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (retries) => sleep(Math.random() * Math.min(10_000, 500 * 2 ** retries)),
  }),
)

client.subscribe({ query: watchJob, variables }, { next: printAnswer, error: console.error, complete: () => {} })
