import { PeerError } from '../peer.ts'

interface Question {
  readonly timer: NodeJS.Timeout
  resolve(answer: unknown): void
  reject(error: PeerError): void
}

/** The requests that were sent and are not answered yet. */
export interface Asked {
  readonly size: number
  /** Settles with the answer to this id, or as the deadline passes. */
  wait(id: number, name: string, deadlineMs: number): Promise<unknown>
  /** An answer to nothing that is waited for came too late, and is passed over. */
  answer(id: number, body: unknown): void
  fail(id: number, error: PeerError): void
  failAll(error: PeerError): void
}

export function createAsked(): Asked {
  const questions = new Map<number, Question>()

  function take(id: number): Question | undefined {
    const question = questions.get(id)
    questions.delete(id)
    clearTimeout(question?.timer)
    return question
  }

  function fail(id: number, error: PeerError): void {
    take(id)?.reject(error)
  }

  return {
    get size() {
      return questions.size
    },
    wait: (id, name, deadlineMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          fail(id, new PeerError('TIMED_OUT', `"${name}" was not answered within ${deadlineMs} ms.`))
        }, deadlineMs)
        questions.set(id, { timer, resolve, reject })
      }),
    answer: (id, body) => take(id)?.resolve(body),
    fail,
    failAll(error) {
      for (const id of questions.keys()) fail(id, error)
    },
  }
}
