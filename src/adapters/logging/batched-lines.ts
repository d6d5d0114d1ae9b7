import { pino } from 'pino'

/** Where lines go. */
export interface Lines {
  readonly stream: { write(line: string): void }
  /** Begins to write what waits. */
  flush(): void
  /** Has written all of it when it returns. */
  flushSync(): void
}

/**
 * How many characters of lines that nobody waits for are written at once, and for how long they wait at most, in ms: to write
 * each by itself costs ten times as much as to make it. Pino's own destination measures again all that waits with each line.
 */
const batchCharacters = 2 ** 17
const batchMs = 250
/** What waits where nobody reads is bounded, in bytes: what is over it is lost. */
const mostBytes = 16 * 2 ** 20

/** Lines to the standard error output; those that wait when the process exits are written then. */
export function batchedLines(): Lines {
  const destination = pino.destination({ dest: 2, sync: false, maxLength: mostBytes })
  let gathered = ''
  let timer: NodeJS.Timeout | null = null

  function flush(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (gathered !== '') destination.write(gathered)
    gathered = ''
  }

  function flushSync(): void {
    flush()
    destination.flushSync()
  }

  // Before pino's own listener, which closes the destination then: what comes later would be lost.
  process.prependOnceListener('beforeExit', flushSync)
  process.once('exit', flushSync)
  return {
    stream: {
      write(line) {
        gathered += line
        if (gathered.length >= batchCharacters) flush()
        else timer ??= setTimeout(flush, batchMs).unref()
      },
    },
    flush,
    flushSync,
  }
}
