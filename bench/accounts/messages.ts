/**
 * What a process that makes requests is told: to sign all of them in, each from a network of their own, all of them
 * beginning within so many ms (0: in one moment) and coming again when they are told to; answered with `SignInAnswers`.
 */
export interface SignInOrder {
  readonly port: number
  readonly people: number
  readonly password: string
  readonly withinMs: number
}

/** How often each answer came: the type of the union's member, or the status of an answer that is none. */
export interface SignInAnswers {
  readonly counts: Readonly<Record<string, number>>
}
