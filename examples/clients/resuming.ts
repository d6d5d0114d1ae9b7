/** What the clients of graphql-ws and graphql-sse have in common. */
interface StockClient {
  subscribe(payload: Payload, sink: Sink): () => void
}
interface Resume {
  after?: string | undefined
}
interface Payload {
  readonly extensions?: { readonly resume?: Resume; readonly [name: string]: unknown } | null | undefined
}
interface Sink {
  next(answer: Answer): void
}
interface Answer {
  readonly extensions?: { readonly resume?: { readonly cursor: string } }
}

/**
 * The same client, whose subscriptions go on after their last answer whenever it sends them again: it sends the payload as it
 * is then, and the last cursor has been written into it.
 */
export function resuming<Client extends StockClient>(client: Client): Client {
  const subscribe: StockClient['subscribe'] = (payload, sink) => {
    const resume: Resume = { ...payload.extensions?.resume }
    const next = (answer: Answer) => {
      resume.after = answer.extensions?.resume?.cursor ?? resume.after
      sink.next(answer)
    }
    return client.subscribe({ ...payload, extensions: { ...payload.extensions, resume } }, { ...sink, next })
  }
  return { ...client, subscribe }
}
