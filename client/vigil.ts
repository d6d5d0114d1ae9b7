import type { ClientTimes } from './times.ts'

/** Watches over one connection. */
export interface Vigil {
  /** The connection must be taken up within so many ms from now. */
  expect(ms: number): void
  /** It was taken up. */
  opened(): void
  /** The server gave a sign of life. */
  sign(): void
  end(): void
}

/** How often a silent connection is looked at before it is taken for lost. */
const looks = 3

/** `onSettled` is told when the connection has stood for a while, `onSilent` when nothing comes in time. */
export function keepVigil(
  { settleMs, silentMs }: ClientTimes,
  onSettled: () => void,
  onSilent: (error: Error) => void,
): Vigil {
  let deadline: ReturnType<typeof setTimeout> | undefined
  let settling: ReturnType<typeof setTimeout> | undefined
  let looking: ReturnType<typeof setInterval> | undefined
  let silent = 0

  // Counted by looks rather than by the clock: a browser lets the timers of a hidden page run late, those that ask for a sign
  // of life as well.
  const look = () => {
    silent += 1
    if (silent > looks) onSilent(new Error(`Nothing has come for ${silentMs} ms.`))
  }
  return {
    expect(ms) {
      clearTimeout(deadline)
      deadline = setTimeout(() => onSilent(new Error(`There was no answer within ${ms} ms.`)), ms)
    },
    opened() {
      clearTimeout(deadline)
      silent = 0
      settling ??= setTimeout(onSettled, settleMs)
      looking ??= setInterval(look, silentMs / looks)
    },
    sign() {
      silent = 0
    },
    end() {
      clearTimeout(deadline)
      clearTimeout(settling)
      clearInterval(looking)
    },
  }
}
