import type { TaskDescription } from '../../ports/compute-pool.ts'
import { listTasks } from '../../resolvers/jobs/list-tasks.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds the type `Task` and the query `tasks`. */
export function addTasks(builder: Builder): void {
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
