import { describe, expect, it } from 'vitest'
import { createStandingChecks } from '../../../src/services/accounts/authentication/standing-checks.ts'
import type { Store } from '../../../src/ports/store.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'
import { somebody } from '../../support/principals.ts'
import { openAccounts, testPolicy } from './open-accounts.ts'

describe('looking up credentials', () => {
  it('answers for all but the one that cannot be read, which is tried again', async () => {
    await using test = await openAccounts()
    let isBroken = true
    let reads = 0
    const store: Store = {
      ...test.store,
      read: (work) =>
        test.store.read((records) => {
          reads += 1
          const find: typeof records.apiKeys.find = (id) => {
            if (id === 'broken' && isBroken) throw new Error('This row cannot be read.')
            return records.apiKeys.find(id)
          }
          return work({ ...records, apiKeys: { ...records.apiKeys, find } })
        }),
    }
    const found: (string | null)[] = []
    const logger = collectingLogger()
    const checks = createStandingChecks<{ readonly principal: ReturnType<typeof somebody> }>(
      { store, clock: test.clock, policy: testPolicy, logger },
      ({ principal }) => void found.push(principal.keyId),
    )
    const credentials = ['one', 'broken', 'two'].map((keyId) => ({ principal: somebody({ kind: 'apiKey', keyId }) }))
    checks.doubt(credentials)
    await eventually(() => found.length === 2)
    expect(found).toEqual(['one', 'two'])
    const before = reads
    checks.ask([])
    await eventually(() => reads === before + 1)
    isBroken = false
    await eventually(() => {
      checks.ask([])
      return found.length === 3
    })
    expect(found).toEqual(['one', 'two', 'broken'])
    expect(logger.lines.every(({ level }) => level === 'warn')).toBe(true)
  })
})
