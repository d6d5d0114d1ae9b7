/**
 * Runs a job as a program does that has an API key, and waits for its end:
 *
 *   MILLRACE_API_KEY=mr_… node examples/accounts/server.ts 40
 *
 * The key needs the scopes JOBS_READ and JOBS_WRITE.
 */
const server = process.env['MILLRACE_URL'] ?? 'http://localhost:4000'
const key = process.env['MILLRACE_API_KEY']
if (key === undefined) throw new Error('Set MILLRACE_API_KEY to a key that `createApiKey` gave you.')

const response = await fetch(`${server}/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': key },
  body: JSON.stringify({
    query: `mutation ($n: Int!) {
      computeFibonacci(input: { n: $n }, options: { waitMs: 30000 }) {
        ... on ComputeFibonacciAccepted { job { state result { value } } }
        ... on Error { code message }
      }
    }`,
    variables: { n: Number(process.argv[2] ?? 30) },
  }),
})
const { data, errors } = await response.json()
// A key that is wrong, or lacks a scope, or asks too often: 401, 403, 429 with Retry-After.
if (errors !== undefined) throw new Error(`${response.status} ${errors[0].extensions.code}: ${errors[0].message}`)
const { job, message } = data.computeFibonacci
if (job === undefined) throw new Error(message)
console.log(job.state, job.result?.value)
