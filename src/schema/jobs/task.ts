import type { RetryPolicy, TaskDescription } from '../../ports/compute-pool.ts'
import { listTasks } from '../../resolvers/jobs/list-tasks.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds the types `Task` and `RetryPolicy` and the query `tasks`. */
export function addTasks(builder: Builder): void {
  const retryPolicy = addRetryPolicy(builder)
  const task = builder.objectRef<TaskDescription>('Task').implement({
    description: 'A function that can be run as a job.',
    directives: requiresOneOf('jobs:read', 'jobs:write'),
    fields: (t) => ({
      name: t.exposeString('name', { description: 'What `submitJob` knows it by.' }),
      description: t.exposeString('description', { description: 'What it does.' }),
      version: t.exposeString('version', { description: 'Changes whenever the same input may give another result.' }),
      mutation: t.exposeString('name', { description: 'The mutation that enters a job for it.' }),
      inputSchema: t.field({
        type: 'JSON',
        description: 'The form of the input, as JSON Schema.',
        resolve: ({ inputSchema }) => inputSchema,
      }),
      outputSchema: t.field({
        type: 'JSON',
        description: 'The form of the result, as JSON Schema.',
        resolve: ({ outputSchema }) => outputSchema,
      }),
      partialSchema: t.field({
        type: 'JSON',
        nullable: true,
        description: 'The form of partial results, as JSON Schema; null where there are none.',
        resolve: ({ partialSchema }) => partialSchema,
      }),
      timeoutMs: t.exposeFloat('timeoutMs', {
        nullable: true,
        description: 'An attempt that takes longer fails with TIMEOUT, in ms; null where there is no limit.',
      }),
      retries: t.expose('retries', { type: retryPolicy, description: 'How often a job is tried.' }),
      memoizeForMs: t.exposeFloat('memoizeForMs', {
        nullable: true,
        description: 'For how many ms a result is remembered; null where it is not.',
      }),
      heapMb: t.exposeInt('heapMb', {
        nullable: true,
        description: 'The JavaScript heap that it may fill, in MiB; null: as much as any task.',
      }),
      concurrency: t.exposeInt('concurrency', {
        nullable: true,
        description:
          'How many of its jobs may run at once, on all processes together; null: as many as there are threads.',
      }),
      sharded: t.exposeBoolean('sharded', { description: 'Whether several threads run one of its jobs together.' }),
    }),
  })
  builder.queryField('tasks', (t) =>
    t.field({
      type: [task],
      description: 'The tasks that are loaded.',
      directives: requiresOneOf('jobs:read', 'jobs:write'),
      resolve: listTasks,
    }),
  )
}

function addRetryPolicy(builder: Builder) {
  return builder.objectRef<RetryPolicy>('RetryPolicy').implement({
    description: 'How often a job is tried that ends by an error of its task or by time-out.',
    directives: requiresOneOf('jobs:read', 'jobs:write'),
    fields: (t) => ({
      attempts: t.exposeInt('attempts', { description: 'How many attempts there are, the first included.' }),
      baseMs: t.exposeFloat('baseMs', {
        description:
          'The longest pause after the first attempt, in ms. It is twice as long after each further one, and of random length.',
      }),
      capMs: t.exposeFloat('capMs', { description: 'The longest pause of all, in ms.' }),
    }),
  })
}
