import { connect, type ConnectionOptions } from './connection.ts'

interface TaskInfo {
  readonly name: string
  readonly description: string
  readonly version: string
  readonly inputSchema: unknown
  readonly outputSchema: unknown
}

export interface TasksOptions extends ConnectionOptions {
  readonly json: boolean
}

/** `millrace tasks`: the tasks of a running server. */
export async function tasks(options: TasksOptions): Promise<void> {
  await using connection = await connect(options)
  const data = await connection.request<{ tasks: readonly TaskInfo[] }>(
    '{ tasks { name description version inputSchema outputSchema } }',
  )
  if (options.json) {
    console.log(JSON.stringify(data.tasks))
    return
  }
  for (const task of data.tasks) console.log(`${task.name} (version ${task.version})\n  ${task.description}`)
}
