import type { Frame } from './frame.ts'

type Result = IteratorResult<Frame, void>

/** Frames that wait for the one who asked for them. The sender must stop when it is full. */
export interface FrameQueue {
  readonly isFull: boolean
  push(frame: Frame): void
  /** The next frame; waits for it. After the last one, `done` or the failure, once. */
  next(): Promise<Result>
  /** Resolves when all frames were taken. */
  drained(): Promise<void>
  /** There will be no more. With `failure`, who asks after the last one is told. */
  end(failure?: { readonly reason: unknown }): void
  /** The same, and what waits is dropped. */
  cut(failure?: { readonly reason: unknown }): void
}

interface Waiter {
  readonly resolve: (result: Result) => void
  readonly reject: (reason: unknown) => void
}

export function createFrameQueue(limit: number): FrameQueue {
  const frames: Frame[] = []
  const waiters: Waiter[] = []
  let ended = false
  let failure: { readonly reason: unknown } | undefined
  let onDrained = (): void => undefined

  function serve(): void {
    while (waiters.length > 0 && (frames.length > 0 || ended)) {
      const waiter = waiters.shift()
      const frame = frames.shift()
      if (frame !== undefined) waiter?.resolve({ done: false, value: frame })
      else if (failure === undefined) waiter?.resolve({ done: true, value: undefined })
      else {
        waiter?.reject(failure.reason)
        failure = undefined
      }
    }
    if (frames.length === 0) onDrained()
  }

  const end: FrameQueue['end'] = (reason) => {
    if (ended) return
    ended = true
    failure = reason
    serve()
  }
  return {
    get isFull() {
      return frames.length >= limit
    },
    push(frame) {
      if (ended) return
      frames.push(frame)
      serve()
    },
    next: () =>
      new Promise((resolve, reject) => {
        waiters.push({ resolve, reject })
        serve()
      }),
    drained: () =>
      new Promise((resolve) => {
        onDrained = resolve
        if (frames.length === 0 || ended) resolve()
      }),
    end,
    cut(reason) {
      frames.length = 0
      failure = undefined
      end(reason)
      serve()
    },
  }
}
