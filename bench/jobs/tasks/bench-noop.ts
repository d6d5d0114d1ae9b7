import { defineTask, z } from '../../../src/task.ts'
import { now } from '../now.ts'

export default defineTask({
  name: 'benchNoop',
  description: 'Does nothing but say when it began.',
  version: '1',
  input: z.object({}),
  output: z.object({ startedAt: z.number() }),
  run: () => ({ startedAt: now() }),
})
