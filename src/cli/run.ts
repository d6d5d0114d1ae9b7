import { type Frame, OperationError } from '../../client/frame.ts'
import { subscribe, type TransportName } from '../../client/subscribe.ts'
import { type Bar, createBar, silentBar } from './bar.ts'
import { connect, type Connection, type ConnectionOptions } from './connection.ts'
import { CliFailure } from './failure.ts'
import { fileArgument, withFile } from './file-argument.ts'
import { formatResult } from './format-result.ts'
import { onInterrupt } from './on-interrupt.ts'
import { printable } from './printable.ts'
import { readInput } from './read-input.ts'
import { uploadFile } from './upload.ts'

export interface RunOptions extends ConnectionOptions {
  readonly input?: string
  readonly file: readonly string[]
  readonly transport?: TransportName
  readonly idempotencyKey?: string
  readonly priority?: number
  readonly detach: boolean
  readonly json: boolean
}

interface TaskInfo {
  readonly name: string
  readonly inputSchema: { readonly properties?: Readonly<Record<string, Record<string, unknown>>> }
}

interface JobInfo {
  readonly id: string
  readonly state: string
  readonly output: unknown
  readonly error: { readonly code: string; readonly message: string } | null
}

const jobFields = 'id state output error { code message }'

const submitJob = /* GraphQL */ `
  mutation Submit($task: String!, $input: JSON!, $options: JobOptions) {
    submitJob(task: $task, input: $input, options: $options) {
      __typename
      ... on JobAccepted {
        job {
          id
        }
      }
      ... on Error {
        code
        message
      }
      ... on InvalidInputError {
        issues {
          path
          message
        }
      }
    }
  }
`

const watchJob = /* GraphQL */ `
  subscription Watch($id: ID!) {
    job(id: $id) {
      __typename
      job {
        state
        progress {
          fraction
          message
        }
      }
      ... on JobLogged {
        level
        text
      }
    }
  }
`

/** `millrace run`: uploads, submits, watches to the end and prints the result. Gives the exit status. */
export async function run(task: string, options: RunOptions): Promise<number> {
  let input = await readInput(options.input)
  await using connection = await connect(options)
  const info = await findTask(connection, task)
  for (const argument of options.file) {
    const file = fileArgument(info, argument)
    input = withFile(input, file, await upload(connection, file.path, options.json))
  }
  const id = await submit(connection, task, input, options)
  if (options.detach) {
    console.log(options.json ? JSON.stringify({ id }) : id)
    return 0
  }
  const interrupted = onInterrupt()
  try {
    const bar = options.json ? silentBar : createBar(task)
    await watch({ connection, id, transport: options.transport, bar, signal: interrupted.signal })
  } catch (error) {
    if (!interrupted.signal.aborted) throw error
    await connection.request('mutation Cancel($id: ID!) { cancelJob(id: $id) { id } }', { id })
    throw new CliFailure(`Interrupted; the job ${id} was asked to stop.`, { code: 'INTERRUPTED', exitCode: 130 })
  } finally {
    interrupted.stop()
  }
  return await finish(connection, id, options.json)
}

async function findTask(connection: Connection, name: string): Promise<TaskInfo> {
  const { tasks } = await connection.request<{ tasks: readonly TaskInfo[] }>('{ tasks { name inputSchema } }')
  const task = tasks.find((candidate) => candidate.name === name)
  if (task !== undefined) return task
  const names = tasks.map((each) => each.name).toSorted()
  throw new CliFailure(`There is no task "${name}" on this server. It has: ${names.join(', ')}.`, {
    code: 'UNKNOWN_TASK',
  })
}

/** Uploads with a bar of its own; gives the artifact's id. */
async function upload(connection: Connection, path: string, quiet: boolean): Promise<string> {
  const bar = quiet ? silentBar : createBar('upload')
  try {
    return await uploadFile(connection, path, (sent, size) => bar.show(size === 0 ? 1 : sent / size, path))
  } finally {
    bar.stop()
  }
}

async function submit(
  connection: Connection,
  task: string,
  input: Record<string, unknown>,
  options: RunOptions,
): Promise<string> {
  const jobOptions = { idempotencyKey: options.idempotencyKey, priority: options.priority }
  const { submitJob: result } = await connection.request<{
    submitJob: {
      job?: { id: string }
      code?: string
      message?: string
      issues?: readonly { path: readonly string[]; message: string }[]
    }
  }>(submitJob, { task, input, options: jobOptions })
  if (result.job !== undefined) return result.job.id
  const issues = (result.issues ?? []).map((issue) => `\n  ${issue.path.join('.')}: ${issue.message}`).join('')
  const sentence = issues === '' ? (result.message ?? 'The job was refused.') : 'The input is not valid.'
  throw new CliFailure(sentence + issues, { code: result.code ?? null })
}

interface Watch {
  readonly connection: Connection
  readonly id: string
  readonly transport: TransportName | undefined
  readonly bar: Bar
  readonly signal: AbortSignal
}

async function watch({ connection, id, transport, bar, signal }: Watch): Promise<void> {
  try {
    const frames = subscribe({
      url: connection.graphqlUrl,
      headers: () => connection.headers(),
      operation: { query: watchJob, variables: { id } },
      transport,
      // A quick job may have said something before anyone could listen.
      after: 'earliest',
      signal,
      onConnect: (name, failure) => {
        if (failure !== null) bar.line(`The connection was lost; going on over ${name}.`)
      },
    })
    for await (const frame of frames) showFrame(frame, bar)
    if (signal.aborted) throw new Error('Interrupted.')
  } catch (error) {
    if (error instanceof OperationError) throw new CliFailure(error.message, { code: error.code })
    if (signal.aborted) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliFailure(`The connection was lost (${reason}). The job ${id} goes on.`, { code: 'UNREACHABLE' })
  } finally {
    bar.stop()
  }
}

interface WatchedEvent {
  readonly __typename: string
  readonly job: { readonly state: string; readonly progress: { fraction: number; message: string | null } | null }
  readonly level?: string
  readonly text?: string
}

function showFrame(frame: Frame, bar: Bar): void {
  // The operation above fixes the shape of the answer.
  const event = frame.data?.['job'] as WatchedEvent | undefined
  if (event === undefined) return
  if (event.__typename === 'JobLogged') bar.line(`${event.level ?? ''} ${event.text ?? ''}`)
  const { state, progress } = event.job
  const fraction = state === 'SUCCEEDED' ? 1 : (progress?.fraction ?? 0)
  bar.show(fraction, `${state.toLowerCase()} ${progress?.message ?? ''}`.trim())
}

async function finish(connection: Connection, id: string, json: boolean): Promise<number> {
  const { job } = await connection.request<{ job: JobInfo | null }>(
    `query Result($id: ID!) { job(id: $id) { ${jobFields} } }`,
    { id },
  )
  if (job === null) throw new CliFailure(`The job ${id} is gone.`, { code: 'NOT_FOUND' })
  if (json) console.log(JSON.stringify(job))
  if (job.state === 'SUCCEEDED') {
    if (!json) console.log(formatResult(job.output))
    return 0
  }
  if (!json)
    console.error(
      `The job ${id} ended ${job.state}${job.error === null ? '.' : `: ${printable(job.error.message)} (${job.error.code})`}`,
    )
  return 1
}
