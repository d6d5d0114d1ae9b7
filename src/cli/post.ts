import { CliFailure } from './failure.ts'

/** Runs an operation and gives its data. Throws a `CliFailure` for its errors. */
export async function post<Data>(
  url: string,
  headers: Readonly<Record<string, string>>,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Data> {
  const response = await fetchOrFail(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(60_000),
  })
  return readData<Data>(response)
}

/** `fetch`, with an unreachable server told as such. */
export async function fetchOrFail(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
    throw new CliFailure(`No server answers at ${url}${cause}. Is it running? Start one with: millrace start`, {
      code: 'UNREACHABLE',
    })
  }
}

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

/** The data of a GraphQL answer. Throws a `CliFailure` for its errors, or when it is no GraphQL answer. */
export async function readData<Data>(response: Response): Promise<Data> {
  const text = await response.text()
  let answer: Answer
  try {
    // The shape is checked below as far as it is used.
    answer = JSON.parse(text) as Answer
  } catch {
    throw new CliFailure(`${response.url} answered ${response.status}, and not as a GraphQL server does.`)
  }
  const [first] = answer.errors ?? []
  if (first !== undefined) throw new CliFailure(first.message, { code: first.extensions?.code ?? null })
  // The operation that was sent fixes the shape of the answer.
  return answer.data as Data
}
