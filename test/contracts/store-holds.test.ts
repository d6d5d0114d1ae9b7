import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

/** Keeps the loop busy for so long, in ms. */
function spin(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

it('a store says how long each transaction held the event loop', async () => {
  await using folder = await makeTestFolder()
  let held: number[] = []
  const onHeld = (ms: number) => void held.push(ms)
  await using store = await sqliteStore({ path: join(folder.path, 'millrace.sqlite'), onHeld })
  held = []
  await store.read(async ({ settings }) => {
    spin(40)
    await settings.get('name')
  })
  await store.write(async ({ settings }) => {
    spin(60)
    await settings.set('name', 'value', null)
  })
  expect(held).toHaveLength(2)
  expect(held[0]).toBeGreaterThanOrEqual(40)
  expect(held[1]).toBeGreaterThanOrEqual(60)
})
