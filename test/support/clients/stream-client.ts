/** What a client gets for an operation, as it comes over the wire. */
export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[]
  readonly extensions?: {
    readonly resume?: {
      readonly cursor: string
      readonly status?: 'fresh' | 'recovered' | 'snapshot'
      readonly gap?: boolean
      readonly replayed?: number
    }
  }
}

export interface Operation {
  readonly query: string
  readonly variables?: Record<string, unknown>
}

export interface Resume {
  readonly after?: string | null
  readonly onGap?: 'snapshot' | 'error'
}

export interface ClientOptions {
  /** Of `/graphql`, with `http:`. */
  readonly url: string
  readonly token?: string
}

/** The answers of a subscription. Comes back by itself with the last cursor when the connection breaks. */
export interface Watch extends AsyncIterableIterator<Answer, undefined> {
  /** Of the last answer that has arrived. */
  readonly cursor: string | null
  return(): Promise<IteratorResult<Answer, undefined>>
}

/** A stock client of one transport. */
export interface StreamClient extends AsyncDisposable {
  /** Runs a query or mutation. */
  request(operation: Operation): Promise<Answer>
  watch(operation: Operation, resume?: Resume): Watch
}

/** How a watching client hands over what arrives. */
export interface WatchSink {
  next(answer: Answer): void
  error(reason: unknown): void
  complete(): void
}

/** Makes a `Watch` of what a client pushes. `start` is given the extensions to send, which keep the newest cursor. */
export function createWatch(
  resume: Resume,
  start: (extensions: { resume: Resume & { after: string | null } }, sink: WatchSink) => () => void,
): Watch {
  const arrived: Answer[] = []
  let ended: { readonly reason: unknown } | 'complete' | null = null
  let wake = () => undefined as void
  const extensions = { resume: { ...resume, after: resume.after ?? null } }

  const end = (how: typeof ended) => {
    ended ??= how
    wake()
  }
  const stop = start(extensions, {
    next(answer) {
      // The one line with which a stock client resumes.
      extensions.resume.after = answer.extensions?.resume?.cursor ?? extensions.resume.after
      arrived.push(answer)
      wake()
    },
    error: (reason) => end({ reason }),
    complete: () => end('complete'),
  })

  return {
    get cursor() {
      return extensions.resume.after
    },
    async next() {
      while (arrived.length === 0 && ended === null) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const answer = arrived.shift()
      if (answer !== undefined) return { done: false, value: answer }
      if (ended !== null && ended !== 'complete') throw ended.reason
      return { done: true, value: undefined }
    },
    async return() {
      stop()
      end('complete')
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** The next so many answers. Throws when there are fewer, or when they take longer than ten seconds. */
export async function takeAnswers(watch: Watch, count: number): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  const deadline = AbortSignal.timeout(10_000)
  const late = new Promise<never>((_resolve, reject) => {
    deadline.addEventListener('abort', () => reject(new Error(`Only ${answers.length} of ${count} answers in 10 s.`)))
  })
  while (answers.length < count) {
    const result = await Promise.race([watch.next(), late])
    if (result.done === true) throw new Error(`The stream ended after ${answers.length} of ${count} answers.`)
    answers.push(result.value)
  }
  late.catch(() => undefined)
  return answers
}

/** All answers until the stream ends. */
export async function allAnswers(watch: Watch): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for await (const answer of watch) answers.push(answer)
  return answers
}
