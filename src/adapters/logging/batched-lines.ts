import { constants, fstatSync, openSync, writeSync } from 'node:fs'

/** Where lines go. */
export interface Lines {
  readonly stream: { write(line: string): void }
  /** Writes what is taken at once of what waits; the rest later. */
  flush(): void
  /** Writes all of it, unless nobody reads: then it gives up after a while. */
  flushSync(): void
}

/**
 * How many characters of lines that nobody waits for are written at once, and for how long they wait at most, in ms: to write
 * each by itself costs ten times as much as to make it.
 */
const batchCharacters = 2 ** 17
const batchMs = 250
/** When it is tried again that a reader takes more, in ms, at first; each time that it takes nothing twice as long, up to `batchMs`. */
const retryMs = 5
/** What waits where nobody reads is bounded, in characters: what is over it is lost, and a line says so. */
const mostCharacters = 16 * 2 ** 20

/** For how long a process waits in all, before it ends, for somebody to read what it still has, and after how long it looks, in ms. */
const endMs = 2_000
const lookMs = 10

const nothing = Buffer.alloc(0)

/**
 * Lines to the standard error output; those that wait when the process exits are written then. A reader that stopped keeps no process
 * alive and blocks none: `pino.destination` tries again for ever at the end.
 */
export function batchedLines(): Lines {
  const fd = nonBlockingStderr()
  let gathered = ''
  /** Of which a part may have been written. */
  let begun = nothing
  let timer: NodeJS.Timeout | null = null
  let leftMs = endMs
  let pauseMs = retryMs
  let lost = 0

  function flush(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    try {
      while (begun.length > 0 || gathered !== '') {
        if (begun.length === 0) {
          begun = Buffer.from(gathered)
          gathered = ''
        }
        begun = begun.subarray(writeSync(fd, begun))
        pauseMs = retryMs
      }
    } catch (error) {
      // Whatever else it is, these lines cannot be written: the reader is gone, or the disk is full.
      if (!isFull(error)) begun = nothing
      flushIn(isFull(error) ? pauseMs : batchMs)
      pauseMs = Math.min(2 * pauseMs, batchMs)
    }
  }

  function flushIn(ms: number): void {
    timer ??= setTimeout(flush, ms).unref()
  }

  function flushSync(): void {
    flush()
    for (; begun.length > 0 && leftMs > 0; leftMs -= lookMs) {
      sleep(lookMs)
      flush()
    }
  }

  process.once('exit', flushSync)
  return {
    stream: {
      write(line) {
        if (gathered.length + begun.length > mostCharacters) {
          lost += 1
          return
        }
        gathered += lost > 0 ? lineOfLost(lost) + line : line
        lost = 0
        if (gathered.length >= batchCharacters && begun.length === 0) flush()
        else flushIn(batchMs)
      },
    },
    flush,
    flushSync,
  }
}

function lineOfLost(lost: number): string {
  const msg = 'Lines of the log were lost: nobody read them.'
  return `${JSON.stringify({ level: 40, time: new Date().toISOString(), lost, msg })}\n`
}

/**
 * The standard error output, of which writing never waits for a reader. A pipe is opened once more: the processes of a cluster share
 * theirs, and each that is started has it blocking for all of them until it has opened it itself.
 */
function nonBlockingStderr(): number {
  // That it is asked for makes pipes and sockets non-blocking.
  const { fd } = process.stderr
  try {
    if (fstatSync(fd).isFIFO()) return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    // It cannot be opened by its name: there is none, or it is another user's.
  }
  return fd
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
