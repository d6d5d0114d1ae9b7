import { expect, it } from 'vitest'
import { createReadBudget, type ReadBudget } from '../../../src/services/jobs/read-budget.ts'
import { readPartials } from '../../../src/services/jobs/read-partials.ts'
import type { Store } from '../../../src/ports/store.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { fakeJob } from '../schema/fake-context.ts'

const job = fakeJob()

/** What is left of the budget after this, at most what was. */
async function cost(work: (budget: ReadBudget) => Promise<unknown>): Promise<number> {
  const budget = createReadBudget()
  const before = budget.charactersLeft
  await work(budget)
  return before - budget.charactersLeft
}

function tell(store: Store, type: 'JobPartial' | 'JobLogged', times: number): Promise<void> {
  return store.write(async ({ log }) => {
    for (let data = 1; data <= times; data += 1) await log.append(`job:${job.id}`, { type, data })
  })
}

it('looks for partial results among the newest 5,000 events, and each of these costs', async () => {
  await using store = await openTestStore()
  expect(await cost((budget) => readPartials(store, job, 20, budget))).toBe(0)
  await tell(store, 'JobPartial', 3)
  await tell(store, 'JobLogged', 4_998)
  expect(await readPartials(store, job, 20, createReadBudget())).toEqual([2, 3])
  // 100 for each event, 4 for each character of JSON.
  expect(await cost((budget) => readPartials(store, job, 20, budget))).toBe(500_008)
  expect(await cost((budget) => readPartials(store, job, 1, budget))).toBe(499_904)
  const shared = createReadBudget()
  for (let reads = 0; reads < 8; reads += 1) await readPartials(store, job, 20, shared)
  await expect(readPartials(store, job, 20, shared)).rejects.toMatchObject({ code: 'OPERATION_TOO_COSTLY' })
})
