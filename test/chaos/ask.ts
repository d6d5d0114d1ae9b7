import { setTimeout as sleep } from 'node:timers/promises'

/** An answer of GraphQL, to be read as the operation asked. */
export interface Answer {
  readonly data: Readonly<Record<string, AnsweredField | null>>
  /** The code of the first error; `null` where there is none. */
  readonly errorCode: string | null
  /** How often the same was asked before and never answered; each of these may still be read by a server, even later. */
  readonly unanswered: number
}

/** The fields that the operations of the chaos run ask for; each answer has some of them. */
export interface AnsweredField {
  readonly id?: string
  readonly state?: string
  readonly cancelRequestedAt?: string | null
  readonly code?: string
  readonly message?: string
  readonly job?: { readonly id: string; readonly state: string }
  readonly key?: string
}

interface Body {
  readonly data?: Answer['data'] | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

export interface Question {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  /** After so long without an answer the question is asked again. */
  readonly patienceMs: number
}

/** For how long a client goes on asking: longer than any server of the run is away. */
const giveUpMs = 90_000

/**
 * Asks until there is an answer: after a lost connection, a server that is busy stopping or one that is silent, the same is
 * sent again. `null` when there was none for a minute and a half.
 */
export async function askUntilAnswered(question: () => Question): Promise<Answer | null> {
  const deadline = performance.now() + giveUpMs
  for (let unanswered = 0; performance.now() < deadline; unanswered += 1) {
    const answer = await askOnce(question())
    if (answer !== null) return { ...answer, unanswered }
    await sleep(50)
  }
  return null
}

async function askOnce({
  url,
  headers,
  query,
  variables = {},
  patienceMs,
}: Question): Promise<Omit<Answer, 'unanswered'> | null> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(patienceMs),
    })
    if (response.status >= 500) return null
    // Answers of our own server, checked by what they are used for.
    const { data, errors } = (await response.json()) as Body
    const [first] = errors ?? []
    const errorCode = first === undefined ? null : (first.extensions?.code ?? first.message)
    return { data: data ?? {}, errorCode }
  } catch {
    return null
  }
}
