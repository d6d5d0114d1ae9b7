/** What the examples in this folder have in common: whom they ask for what, and what they do with an answer. */
import { faultsOf } from './faults.ts'

const { MILLRACE_TOKEN: ownToken = '' } = process.env
const [, , id = ''] = process.argv
if (ownToken === '') console.error('Set MILLRACE_TOKEN to a token that `signIn` or `refreshTokens` gave you.')
if (id === '') console.error('Name the job to watch: job_…')
if (ownToken === '' || id === '') process.exit(2)

export const server = process.env['MILLRACE_URL'] ?? 'http://localhost:4000'

/** A program that runs for long gets itself a fresh token here. */
export async function token(): Promise<string> {
  return ownToken
}

export const variables = { id }

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

/** Shows an answer, and where it stands in the log; one that stands nowhere in it is a refusal. */
export function printAnswer(answer: unknown): void {
  const faults = faultsOf(answer)
  // As the operation asks, and as the server tells.
  const { data, extensions } = answer as Told
  if (extensions?.resume === undefined && faults.length > 0) return printFailure(answer)
  for (const fault of faults) console.error(fault)
  if (extensions?.resume?.gap === true) console.log('Some events are no longer kept; this is how it stands now:')
  console.log(extensions?.resume?.cursor, data?.job?.__typename, data?.job?.job.state)
}

/** Says why there will be no more answers, and lets the program end with status 1. */
export function printFailure(failure: unknown): void {
  for (const fault of faultsOf(failure)) console.error(fault)
  process.exitCode = 1
}
