/** A GraphQL operation as it is sent. */
export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export const transports = ['ws', 'sse', 'poll'] as const

export type Transport = (typeof transports)[number]

export type Headers = Readonly<Record<string, string>>

/**
 * The operations by which the suite makes a server's streams do what it wants to see. In their variables `{{topic}}` stands
 * for a name that each check has for itself, `{{text}}` for a text that comes back in the event.
 */
export interface Profile {
  /** Watches a log that goes on. */
  readonly subscription: Operation
  /** Makes one more event of it, with `{{text}}` in it. */
  readonly trigger: Operation
  /**
   * Watches a log that has ended or will end by itself. `{{a.b}}` stands for the member `a.b` of the data that `prepare` was
   * answered with.
   */
  readonly finished: Operation
  /** What is done once so that there is such a log. */
  readonly prepare: Operation | null
  /** A subscription that is not for everybody: it is asked without a credential. */
  readonly guarded: Operation | null
  /** Makes the log of `subscription` forget all events that it has. */
  readonly expire: Operation | null
  /** A query that is for everybody who has the headers. */
  readonly query: Operation
}

/** A server that is to be checked. */
export interface Target {
  /** Of the GraphQL endpoint, `http:` or `https:`. */
  readonly url: string
  /** Sent with each request: the credential. */
  readonly headers: Headers
  readonly profile: Profile
  /** How long the suite waits for anything that must come, in ms. */
  readonly patienceMs: number
  /** The characters of a large event's text. */
  readonly largeText: number
}
