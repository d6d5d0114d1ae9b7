import { fork } from 'node:child_process'
import { once } from 'node:events'
import { stat, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createWriteLockHolders } from '../../src/adapters/sql/write-lock-holders.ts'
import { eventually } from '../support/eventually.ts'
import { openTestStore, type TestStore } from '../support/open-test-store.ts'

/** Another process that holds the store's lock, and is stopped then. Resolves with it; disposing of it kills it. */
async function stopWithLock(store: TestStore): Promise<{ readonly pid: number } & AsyncDisposable> {
  const child = fork(new URL('fixtures/lock-holder.ts', import.meta.url), [store.path])
  const [message] = await once(child, 'message')
  expect(message).toEqual({ held: true })
  child.kill('SIGSTOP')
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      if (child.kill('SIGKILL')) await ended
    },
  }
}

describe.runIf(process.platform === 'linux')('who holds the lock of a store', () => {
  it('is the process that was stopped with it, until that is killed', async () => {
    await using store = await openTestStore()
    await using other = await openTestStore()
    const holdsLock = createWriteLockHolders(store.path)
    const holder = await stopWithLock(store)
    try {
      expect(await holdsLock(holder.pid)).toBe(true)
      expect(await holdsLock(process.pid)).toBe(false)
      expect(await createWriteLockHolders(other.path)(holder.pid)).toBe(false)
    } finally {
      await holder[Symbol.asyncDispose]()
    }
    expect(await holdsLock(holder.pid)).toBe(false)
  })

  it('is the process that writes, for as long as it does', async () => {
    await using store = await openTestStore()
    const holdsLock = createWriteLockHolders(store.path)
    expect(await store.write(() => holdsLock(process.pid))).toBe(true)
    // A checkpoint of this process may have the lock for a moment as well.
    await eventually(async () => !(await holdsLock(process.pid)))
  })
})

describe('who holds the lock of a store, by the table of locks', () => {
  it('is who has the byte of writers alone for itself, with others beside it or without', async () => {
    await using store = await openTestStore()
    const { ino } = await stat(`${store.path}-shm`, { bigint: true })
    const table = `${store.path}.locks`
    await writeFile(
      table,
      [
        `1: POSIX  ADVISORY  WRITE 11 fe:00:${ino} 120 120`,
        `1: -> POSIX  ADVISORY  WRITE 12 fe:00:${ino} 120 120`,
        `2: POSIX  ADVISORY  WRITE 13 00:2b:${ino} 120 121`,
        `3: POSIX  ADVISORY  WRITE 14 fe:00:${ino} 121 121`,
        `4: POSIX  ADVISORY  READ  15 fe:00:${ino} 120 120`,
        `5: POSIX  ADVISORY  WRITE 16 fe:00:${ino + 1n} 120 120`,
        `6: FLOCK  ADVISORY  WRITE 17 fe:00:${ino} 0 EOF`,
        `7: POSIX  ADVISORY  WRITE 18 fe:00:${ino} 0 EOF`,
        '8: no lock',
        '',
      ].join('\n'),
    )
    const holdsLock = createWriteLockHolders(store.path, table)
    const pids = [11, 12, 13, 14, 15, 16, 17, 18, 19]
    const held = await Promise.all(pids.map(holdsLock))
    expect(pids.filter((_, index) => held[index])).toEqual([11, 13, 18])
  })

  it('is nobody where there is no such table, and no such store', async () => {
    await using store = await openTestStore()
    expect(await createWriteLockHolders(store.path, '/nowhere/locks')(process.pid)).toBe(false)
    expect(await createWriteLockHolders('/nowhere/at/all')(process.pid)).toBe(false)
  })
})
