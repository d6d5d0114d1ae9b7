import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockExclusively } from '../../src/adapters/sql/node-sqlite.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

async function hold(path: string): Promise<{ readonly child: ChildProcess; readonly held: boolean }> {
  const child = fork(new URL('fixtures/lock-holder.ts', import.meta.url), [path])
  const [{ held }] = await once(child, 'message')
  return { child, held }
}

describe('the exclusive lock', () => {
  it('is held by one at a time, in this process too, until it is let go', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'lock')
    const unlock = lockExclusively(path)
    expect(unlock).not.toBeNull()
    expect(lockExclusively(path)).toBeNull()
    const other = await hold(path)
    expect(other.held).toBe(false)
    other.child.disconnect()
    unlock?.()
    const again = lockExclusively(path)
    expect(again).not.toBeNull()
    again?.()
  })

  it('ends with the process that held it, however it dies', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'lock')
    const { child, held } = await hold(path)
    expect(held).toBe(true)
    expect(lockExclusively(path)).toBeNull()
    child.kill('SIGKILL')
    await once(child, 'close')
    const unlock = lockExclusively(path)
    expect(unlock).not.toBeNull()
    unlock?.()
  })

  it('throws where it cannot be', async () => {
    await using folder = await makeTestFolder()
    expect(() => lockExclusively(join(folder.path, 'nowhere', 'lock'))).toThrow('unable to open database file')
  })
})
