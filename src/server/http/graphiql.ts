import type { OwnAddress } from './own-address.ts'
import { newNonce, pagePolicy } from './security-headers.ts'

/** An HTML page in pieces, with the policy under which its scripts run. */
export interface Page {
  readonly policy: string
  readonly body: readonly (Buffer | string)[]
}

const defaultQuery = `# Welcome to Millrace. Every field is described in the schema (the book symbol on the left).
#
# 1. Sign up. The very first administrator adds setupToken: the start of the server printed it.

mutation SignUp {
  signUp(
    input: { email: "you@example.com", password: "a sentence is a good password", displayName: "You", delivery: COOKIE }
  ) {
    __typename
    ... on SignInSuccess { user { id displayName } }
    ... on Error { code message }
  }
}

# 2. Upload a CSV file from a terminal (or let \`npx millrace run profileTable --file cars.csv\` do all of it):
#
#    curl {url}/graphql -H "authorization: Bearer $TOKEN" \\
#      -F operations='{"query":"mutation ($file: Upload!) { uploadArtifact(file: $file) { id } }","variables":{"file":null}}' \\
#      -F map='{"0":["variables.file"]}' -F 0=@cars.csv
#
#    A token comes from signIn with delivery: TOKENS { tokens { accessToken } }.

# 3. Start a job with the id that the upload answered.

mutation Profile($file: ID!) {
  profileTable(input: { file: $file }) {
    __typename
    ... on ProfileTableAccepted { job { id } }
    ... on Error { code message }
  }
}

# 4. Watch it.

subscription Watch($job: ID!) {
  job(id: $job) {
    __typename
    at
    job { id state }
    ... on JobProgressed { progress { fraction message } }
    ... on JobPartial { data }
  }
}
`

/**
 * GraphiQL from the installed package, so that it works offline. The page is put together once, at its first use: it holds
 * 9 MB of script. The script carries the nonce of each answer; the editor adds styles of its own while it runs, and starts
 * its workers from blobs.
 */
export function createGraphiqlPage(address: OwnAddress): () => Promise<Page> {
  let template: Promise<readonly [Buffer, Buffer]> | null = null
  return async () => {
    template ??= renderTemplate(address.publicUrl())
    const [before, after] = await template
    const nonce = newNonce()
    const directives = { 'style-src': "'unsafe-inline'", 'font-src': 'data:', 'worker-src': 'blob:' }
    return {
      policy: pagePolicy({ nonce, origins: address.origins(), directives }),
      body: [before, `<script nonce="${nonce}">`, after],
    }
  }
}

/** The page before and after the tag that opens its script. */
async function renderTemplate(publicUrl: string): Promise<readonly [Buffer, Buffer]> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({
    title: 'Millrace',
    defaultQuery: defaultQuery.replace('{url}', publicUrl),
    subscriptionsProtocol: 'WS',
  })
  const tag = '<script>'
  const at = html.indexOf(tag)
  if (at === -1) throw new TypeError('The GraphiQL package has changed: its page has no plain script tag.')
  return [Buffer.from(html.slice(0, at)), Buffer.from(html.slice(at + tag.length))]
}
