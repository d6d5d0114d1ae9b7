import type { LogHead } from '../../../ports/event-log.ts'
import type { Store } from '../../../ports/store.ts'
import { revocationsTopic } from './revocations.ts'

/** Longer than any access token lives, and than any process that still runs can lag behind. */
const keptMs = 20 * 60_000

/**
 * What keeps the log of revocations from growing for ever; call it once a minute. Events do not say when they were written:
 * it remembers how far the log went at each call, and forgets what was there 20 minutes ago.
 */
export function createRevocationTrim(
  store: Store,
  elapsed: () => number = () => performance.now(),
): () => Promise<void> {
  let marks: { readonly at: number; readonly head: LogHead }[] = []

  return async () => {
    const head = await store.read(({ log }) => log.head(revocationsTopic))
    if (head === null) return
    const now = elapsed()
    marks = [...marks.filter((mark) => mark.head.epoch === head.epoch), { at: now, head }]
    const old = marks.findLast(({ at }) => now - at >= keptMs)
    if (old === undefined) return
    marks = marks.slice(marks.indexOf(old))
    if (old.head.offset < head.oldest) return
    await store.write(({ log }) => log.trim(revocationsTopic, old.head.offset))
  }
}
