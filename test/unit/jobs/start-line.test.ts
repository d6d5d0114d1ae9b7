import { describe, expect, it } from 'vitest'
import type { AttemptListener, AttemptOutcome } from '../../../src/ports/compute-pool.ts'
import { createPace } from '../../../src/services/jobs/pace.ts'
import { createStartLine } from '../../../src/services/jobs/start-line.ts'

const listener: AttemptListener = {
  progress() {},
  async partial() {},
  log() {},
  file: () => Promise.reject(new Error('no files')),
}

const request = (id: string) => ({
  task: 'double',
  job: { id, attempt: 1, idempotencyKey: id },
  input: {},
  artifacts: [],
})

/** A pool of one thread whose attempts end when the test says so. */
function narrowPool(isAlone = true) {
  const running = new Map<string, (outcome: AttemptOutcome) => void>()
  const listeners = new Set<() => void>()
  let at = 0
  const pool: Parameters<typeof createStartLine>[0] = {
    get free() {
      return 1 - running.size
    },
    onFree(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    run: ({ job }, _listener, signal) =>
      signal.aborted
        ? Promise.resolve({ type: 'cancelled', cpuMs: 0 })
        : new Promise((resolve) => running.set(job.id, resolve)),
  }
  // Between two looks at the clock passes next to nothing.
  const pace = createPace(() => (at += 0.01))
  const line = createStartLine(pool, { pace, isAlone })
  return {
    line,
    running: () => [...running.keys()],
    enter: (id: string, signal = new AbortController().signal) => line.run(request(id), listener, signal),
    end(id: string) {
      const resolve = running.get(id)
      running.delete(id)
      resolve?.({ type: 'succeeded', json: JSON.stringify(id), cpuMs: 1 })
      for (const hear of listeners) hear()
    },
    listeners,
  }
}

describe('the start line', () => {
  it('sends away who waits and who comes when it is closed, and lets who has begun go on', async () => {
    const { line, enter, end, running } = narrowPool()
    const [begun, waiting] = [enter('a'), enter('b')]
    line.close()
    expect(await waiting).toBeNull()
    expect(await enter('c')).toBeNull()
    end('a')
    expect(await begun).toMatchObject({ type: 'succeeded' })
    expect(running()).toEqual([])
  })

  it('gives the pool no more attempts than it has threads for, in the order in which they came', async () => {
    const { enter, end, running } = narrowPool()
    const ends = ['a', 'b', 'c'].map((id) => enter(id))
    expect(running()).toEqual(['a'])
    end('a')
    expect(running()).toEqual(['b'])
    end('b')
    end('c')
    await expect(Promise.all(ends)).resolves.toMatchObject([{ json: '"a"' }, { json: '"b"' }, { json: '"c"' }])
  })

  it('lets an attempt that is stopped while it waits end as the pool has it', async () => {
    const { enter, running } = narrowPool()
    void enter('a')
    const stop = new AbortController()
    const stopped = enter('b', stop.signal)
    stop.abort()
    await expect(stopped).resolves.toMatchObject({ type: 'cancelled' })
    await expect(enter('c', stop.signal)).resolves.toMatchObject({ type: 'cancelled' })
    expect(running()).toEqual(['a'])
  })

  it('sends an attempt away for which no thread becomes free, and goes on with the others', async () => {
    const { enter, end, running, line } = narrowPool()
    void enter('a')
    await expect(enter('b')).resolves.toBeNull()
    const last = enter('c')
    expect(line.room(0)).toBe(0)
    end('a')
    expect(running()).toEqual(['c'])
    end('c')
    await expect(last).resolves.toMatchObject({ json: '"c"' })
  })

  it('is less patient where another node may have a thread that does nothing', async () => {
    const [alone, amongOthers] = [narrowPool(), narrowPool(false)]
    for (const { enter } of [alone, amongOthers]) void enter('a')
    const first = Promise.race([
      alone.enter('b').then(() => 'alone'),
      amongOthers.enter('b').then(() => 'among others'),
    ])
    expect(await first).toBe('among others')
    alone.line.close()
  })

  it('has room for as many as there are threads that nobody is being prepared for', () => {
    const { enter, line } = narrowPool()
    expect(line.room(0)).toBe(1)
    expect(line.room(1)).toBe(0)
    void enter('a')
    expect(line.room(0)).toBe(0)
  })

  it('claims ahead in portions once attempts end in quick succession', async () => {
    const { enter, end, line } = narrowPool()
    for (let job = 0; job < 200; job += 1) {
      const ended = enter(`job ${job}`)
      end(`job ${job}`)
      await ended
    }
    void enter('next')
    expect(line.room(0)).toBe(64)
    // Of what may be claimed ahead more than half is there.
    expect(line.room(40)).toBe(0)
  })

  it('no longer listens to the pool once it is disposed of', () => {
    const { line, listeners } = narrowPool()
    line[Symbol.dispose]()
    expect(listeners.size).toBe(0)
  })
})
