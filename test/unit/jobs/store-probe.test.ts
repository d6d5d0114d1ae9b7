import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createStoreProbe } from '../../../src/services/jobs/store-probe.ts'
import { openTestStore, type TestStore } from '../../support/open-test-store.ts'

/** Another process that holds the store's lock, and is stopped then. */
async function stopWithLock(store: TestStore): Promise<ChildProcess & AsyncDisposable> {
  const child = fork(new URL('../../contracts/fixtures/lock-holder.ts', import.meta.url), [store.path])
  const end = async () => {
    const ended = once(child, 'exit')
    if (child.kill('SIGKILL')) await ended
  }
  const holder = Object.assign(child, { [Symbol.asyncDispose]: end })
  const [message] = await once(child, 'message')
  expect(message).toEqual({ held: true })
  child.kill('SIGSTOP')
  return holder
}

describe('whether the store is blocked', () => {
  it('is so while a process that is stopped holds its lock, and no longer when that is killed', async () => {
    await using store = await openTestStore()
    const isBlocked = createStoreProbe(store)
    expect(await isBlocked()).toBe(false)
    await using holder = await stopWithLock(store)
    expect(await isBlocked()).toBe(true)
    await holder[Symbol.asyncDispose]()
    expect(await isBlocked()).toBe(false)
  }, 20_000)

  it('is not so because this process stood still, or because much is written', async () => {
    await using store = await openTestStore()
    const isBlocked = createStoreProbe(store)
    const asked = isBlocked()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000)
    expect(await asked).toBe(false)
    let isOver = false
    const busy = (async () => {
      for (let n = 0; !isOver; n += 1) await store.write(({ settings }) => settings.set('n', `${n}`))
    })()
    expect(await isBlocked()).toBe(false)
    isOver = true
    await busy
  })

  it('is not so where a write is refused', async () => {
    expect(await createStoreProbe({ write: () => Promise.reject(new Error('The store is closed.')) })()).toBe(false)
  })
})
