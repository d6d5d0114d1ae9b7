/**
 * Profiles a CSV file on a running server and watches it over one WebSocket, with nothing but graphql-ws and fetch:
 *
 *   MILLRACE_EMAIL=… MILLRACE_PASSWORD=… node examples/node-script/profile.ts examples/data/penguins.csv
 *
 * Cut the connection in between if you like: the script goes on from its last cursor.
 */
import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import { createClient } from 'graphql-ws'

const server = process.env['MILLRACE_URL'] ?? 'http://localhost:4000'
const file = process.argv[2] ?? 'examples/data/penguins.csv'
const headers: Record<string, string> = { accept: 'application/json' }

const signedIn = await post({
  query: `mutation ($email: String!, $password: String!) {
    signIn(input: { email: $email, password: $password, delivery: TOKENS }) {
      ... on SignInSuccess { tokens { accessToken } }
      ... on Error { message }
    }
  }`,
  variables: { email: process.env['MILLRACE_EMAIL'], password: process.env['MILLRACE_PASSWORD'] },
})
if (signedIn.signIn.tokens === undefined) throw new Error(signedIn.signIn.message)
headers['authorization'] = `Bearer ${signedIn.signIn.tokens.accessToken}`

const form = new FormData()
form.set(
  'operations',
  '{"query":"mutation ($file: Upload!) { uploadArtifact(file: $file) { id } }","variables":{"file":null}}',
)
form.set('map', '{"0":["variables.file"]}')
form.set('0', await openAsBlob(file, { type: 'text/csv' }), basename(file))
const uploaded = await post(form)

const submitted = await post({
  query: `mutation ($file: ID!) {
    profileTable(input: { file: $file }) {
      ... on ProfileTableAccepted { job { id } }
      ... on Error { message }
    }
  }`,
  variables: { file: uploaded.uploadArtifact.id },
})
if (submitted.profileTable.job === undefined) throw new Error(submitted.profileTable.message)
const { id } = submitted.profileTable.job

// The one line that makes a stock client resume: the operation's extensions carry the last cursor whenever it is sent again.
const extensions: { resume?: { after: string } } = {}
const client = createClient({
  url: `${server.replace(/^http/, 'ws')}/graphql`,
  connectionParams: { authorization: headers['authorization'] },
  retryAttempts: 10,
  shouldRetry: () => true,
})
const watch = `subscription ($id: ID!) {
  job(id: $id) { __typename job { state progress { fraction message } } }
}`
for await (const { data, extensions: told } of client.iterate<Watched, Told>({
  query: watch,
  variables: { id },
  extensions,
})) {
  if (told !== undefined) extensions.resume = { after: told.resume.cursor }
  const { state, progress } = data?.job.job ?? {}
  console.log(state, progress ? `${Math.round(progress.fraction * 100)}% ${progress.message ?? ''}` : '')
}
await client.dispose()

const { job } = await post({
  query: 'query ($id: ID!) { job(id: $id) { output error { message } } }',
  variables: { id },
})
if (job.error !== null) throw new Error(job.error.message)
for (const { name, type, mean, min, max } of job.output.columns) console.log(name, type, { mean, min, max })

interface Watched {
  job: { job: { state: string; progress: { fraction: number; message: string | null } | null } }
}
interface Told {
  [name: string]: unknown
  resume: { cursor: string }
}

/** Sends an operation, or a form with a file, and gives the data of the answer. */
// oxlint-disable-next-line typescript/no-explicit-any -- an example without generated types
async function post(body: object): Promise<any> {
  const isForm = body instanceof FormData
  const response = await fetch(`${server}/graphql`, {
    method: 'POST',
    headers: isForm ? headers : { ...headers, 'content-type': 'application/json' },
    body: isForm ? body : JSON.stringify(body),
  })
  const { data, errors } = await response.json()
  if (errors !== undefined) throw new Error(errors[0].message)
  return data
}
