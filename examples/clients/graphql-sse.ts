/**
 * Watches a job with graphql-sse, over any number of lost connections:
 *
 *   MILLRACE_TOKEN=… node examples/clients/graphql-sse.ts job_…
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-sse'
import { resuming } from './resuming.ts'
import { printAnswer, printFailure, server, token, variables, watchJob } from './watch-job.ts'

const client = resuming(
  createClient({
    url: `${server}/graphql`,
    headers: async () => ({ authorization: `Bearer ${await token()}` }),
    retryAttempts: Infinity,
    on: { connecting: (isRetry) => isRetry && console.error('There is no connection: trying again.') },
    retry: (retries) => sleep(Math.random() * Math.min(10_000, 500 * 2 ** retries)),
  }),
)

client.subscribe({ query: watchJob, variables }, { next: printAnswer, error: printFailure, complete: () => {} })
