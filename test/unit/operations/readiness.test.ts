import { describe, expect, it } from 'vitest'
import { type Finding, wellFinding as well } from '../../../src/core/health.ts'
import { createReadiness } from '../../../src/services/operations/readiness.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'

/** A check whose answers the test gives, and how often it was asked. */
function scriptedCheck() {
  const asked: PromiseWithResolvers<Finding>[] = []
  const check = () => {
    const answer = Promise.withResolvers<Finding>()
    asked.push(answer)
    return answer.promise
  }
  return { asked, check }
}

const gone: Finding = { status: 'failed', reason: 'It is gone.' }

describe('readiness', () => {
  it('looks once for all who ask meanwhile, and for a second after that', async () => {
    const { asked, check } = scriptedCheck()
    let nowMs = 0
    const logger = collectingLogger()
    using readiness = createReadiness({ checks: { store: check }, deadlineMs: 1_000, logger, monotonicMs: () => nowMs })
    const together = [readiness.read(), readiness.read()]
    expect(asked).toHaveLength(1)
    asked[0]?.resolve(well)
    expect(await Promise.all(together)).toEqual([1, 2].map(() => ({ status: 'ok', checks: { store: well } })))
    nowMs = 999
    await readiness.read()
    expect(asked).toHaveLength(1)
    nowMs = 1_000
    const later = readiness.read()
    expect(asked).toHaveLength(2)
    asked[1]?.resolve(gone)
    expect(await later).toEqual({ status: 'unfit', checks: { store: gone } })
  })

  it('does not ask again what still hangs, and tells the log once', async () => {
    const { asked, check } = scriptedCheck()
    const logger = collectingLogger()
    using readiness = createReadiness({ checks: { disk: check }, deadlineMs: 5, keepMs: 0, logger })
    const slow = { status: 'too slow', reason: 'There was no answer within 0.005 seconds.' }
    for (let round = 0; round < 3; round += 1) expect((await readiness.read()).checks).toEqual({ disk: slow })
    expect(asked).toHaveLength(1)
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { check: 'disk', status: 'too slow' } }])
    asked[0]?.resolve(well)
    await asked[0]?.promise
    const again = readiness.read()
    asked.at(-1)?.resolve(well)
    expect((await again).status).toBe('ok')
    expect(logger.lines.at(-1)).toMatchObject({ level: 'info', fields: { check: 'disk' } })
  })

  it('aborts the signal of a check at the deadline', async () => {
    let isAborted = false
    const check = (signal: AbortSignal) =>
      new Promise<Finding>((resolve) => {
        signal.addEventListener('abort', () => {
          isAborted = true
          resolve(gone)
        })
      })
    using readiness = createReadiness({ checks: { store: check }, deadlineMs: 5, logger: collectingLogger() })
    expect((await readiness.read()).checks['store']).toMatchObject({ status: 'too slow' })
    expect(isAborted).toBe(true)
  })

  it('says that it is draining whatever is found, and tells what was found last when its checks are over', async () => {
    const { asked, check } = scriptedCheck()
    const readiness = createReadiness({
      checks: { store: check },
      deadlineMs: 1_000,
      keepMs: 0,
      logger: collectingLogger(),
    })
    const found = readiness.read()
    asked[0]?.resolve(well)
    await found
    readiness.drain()
    readiness[Symbol.dispose]()
    expect(await readiness.read()).toEqual({ status: 'draining', checks: { store: well } })
    expect(asked).toHaveLength(1)
  })
})
