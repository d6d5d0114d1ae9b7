import { Refusal } from '../../core/errors.ts'
import type { Records, Store } from '../../ports/store.ts'
import { type LogPage, readLogPage } from './log-page.ts'
import type { RecentEvents } from './recent-events.ts'
import type { Start } from './start.ts'
import type { OpenStream } from './stream.ts'

/** The most reads that share a transaction. */
const maxTogether = 64

/** Reads the pages of one topic. */
export interface PageReads {
  /** As `readLogPage`, in one transaction and with one look at the head for all who ask before it begins. */
  read(stream: OpenStream, start: Start): Promise<LogPage>
}

interface Asked {
  readonly stream: OpenStream
  readonly start: Start
  readonly resolve: (page: LogPage) => void
  readonly reject: (reason: unknown) => void
}

type Answer = { readonly page: LogPage } | { readonly refusal: Refusal }

/** The reads of a topic, which take from one another what `recent` holds. */
export function createPageReads(store: Pick<Store, 'read'>, topic: string, recent: RecentEvents): PageReads {
  let joining: Asked[] | null = null

  async function answerAll(records: Records, all: readonly Asked[]): Promise<readonly Answer[]> {
    const head = await records.log.head(topic)
    const answers: Answer[] = []
    for (const { stream, start } of all)
      answers.push(await answer(() => readLogPage(records, { stream, start, head, recent })))
    return answers
  }

  async function readFor(all: readonly Asked[]): Promise<void> {
    try {
      const answers = await store.read((records) => {
        // Who asks from here on may have heard of more than this transaction sees.
        if (joining === all) joining = null
        return answerAll(records, all)
      })
      answers.forEach((given, index) => give(all[index], given))
    } catch (error) {
      if (joining === all) joining = null
      // What fails for one of them must not fail for the others.
      if (all.length > 1) for (const asked of all) void readFor([asked])
      else all[0]?.reject(error)
    }
  }

  return {
    read: (stream, start) =>
      new Promise((resolve, reject) => {
        const asked = { stream, start, resolve, reject }
        if (joining !== null && joining.length < maxTogether) {
          joining.push(asked)
          return
        }
        joining = [asked]
        void readFor(joining)
      }),
  }
}

/** A refusal is one stream's own; anything else is the transaction's, which the store may want to run again. */
async function answer(read: () => Promise<LogPage>): Promise<Answer> {
  try {
    return { page: await read() }
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error }
    throw error
  }
}

function give(asked: Asked | undefined, given: Answer): void {
  if ('page' in given) asked?.resolve(given.page)
  else asked?.reject(given.refusal)
}
