import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineTask, z } from '../../../src/task.ts'
import { now } from '../now.ts'

export default defineTask({
  name: 'benchHold',
  description:
    'Writes a line with the time at which it began, then works until it is stopped; a second attempt ends at once.',
  version: '1',
  input: z.object({ file: z.string() }),
  output: z.object({}),
  async run({ file }, { job, signal }) {
    appendFileSync(file, `${job.attempt} ${now()}\n`)
    if (job.attempt === 1) await sleep(60_000, undefined, { signal })
    return {}
  },
})
