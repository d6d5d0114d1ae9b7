import { expect, it } from 'vitest'
import { createObserver } from '../../../../src/server/graphql/observe.ts'
import { noMeter } from '../../../../src/ports/meter.ts'
import { collectingLogger } from '../../../support/collecting-logger.ts'

it('an operation whose fields wait may take as much longer as the longest of them, however many there are', () => {
  const streams = {
    open: () => {
      throw new Error('There are none.')
    },
  }
  const holds = { begin: () => () => undefined, note: () => undefined }
  using observer = createObserver({ log: collectingLogger(), meter: noMeter, holds, streams })
  const operation = observer.observe('http', 'request')
  for (const ms of [10_000, 30_000, 20_000, ...Array.from({ length: 15 }, () => 30_000)]) operation?.mayWait(ms)
  expect(operation?.waitMs).toBe(30_000)
})
