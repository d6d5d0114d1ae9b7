/** What the examples in this folder have in common: whom they ask for what, and what they do with an answer. */
export const server = process.env['MILLRACE_URL'] ?? 'http://localhost:4000'

/** A program that runs for long gets itself a fresh token here. */
export async function token(): Promise<string> {
  return process.env['MILLRACE_TOKEN'] ?? ''
}

export const variables = { id: process.argv[2] ?? '' }

export const watchJob = /* GraphQL */ `
  subscription ($id: ID!) {
    job(id: $id) {
      __typename
      job {
        id
        state
      }
    }
  }
`

interface Told {
  readonly data?: { readonly job?: { readonly __typename: string; readonly job: { readonly state: string } } } | null
  readonly extensions?: { readonly resume?: { readonly cursor: string; readonly gap?: boolean } }
}

/** Shows an answer, and where it stands in the log. */
export function printAnswer(answer: unknown): void {
  // As the operation asks, and as the server tells.
  const { data, extensions } = answer as Told
  if (extensions?.resume?.gap === true) console.log('Some events are no longer kept; this is how it stands now:')
  console.log(extensions?.resume?.cursor, data?.job?.__typename, data?.job?.job.state)
}
