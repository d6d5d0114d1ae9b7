import { expect, it } from 'vitest'
import { createBrake } from '../../../src/workers/pool/brake.ts'
import { createSlots } from '../../../src/workers/pool/slots.ts'
import { createStage } from '../../../src/workers/pool/stage.ts'
import { createStandstills } from '../../../src/workers/pool/standstills.ts'
import { createControl } from '../../../src/workers/control.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { describeTask } from '../../support/fake-pool.ts'

it('begins no part that was stopped after its thread was given: nobody would end it', async () => {
  const control = createControl()
  const brake = createBrake(control)
  const slots = createSlots(1, 10)
  let begun = 0
  const stage = createStage({
    threads: {
      run: async () => void (begun += 1),
      list: () => [],
    },
    slots,
    brake,
    standstills: createStandstills(),
    control,
    description: describeTask('spin'),
    request: { task: 'spin', job: { id: 'job_1', attempt: 1, idempotencyKey: 'job_1' }, input: {}, artifacts: [] },
    written: { folder: '/nowhere', maxBytes: 0 },
    logger: collectingLogger(),
    startDeadlineMs: 1000,
    hear() {},
  })
  const taken = await stage.take(1)
  if ('type' in taken) throw new Error('There was no thread.')
  brake.stop({ type: 'cancelled' }, 0)
  const end = await stage.perform({ type: 'run' })
  expect(end).toMatchObject({ outcome: null, gone: null })
  for (const slot of taken) stage.leave(slot, end)
  expect([begun, slots.free]).toEqual([0, 1])
})
