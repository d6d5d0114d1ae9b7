import { OperationError } from '../../client/frame.ts'
import { subscribe } from '../../client/subscribe.ts'
import { connect, type Connection, type ConnectionOptions } from './connection.ts'
import { CliFailure } from './failure.ts'
import { formatStatus, type ToldStatus } from './format-status.ts'
import { onInterrupt } from './on-interrupt.ts'
import { statusFields } from './status-fields.ts'

export interface StatusOptions extends ConnectionOptions {
  readonly watch: boolean
  readonly json: boolean
}

/** `millrace status`: how the processes of a running server are, once or again and again. */
export async function status(options: StatusOptions): Promise<void> {
  await using connection = await connect(options)
  const show = (told: ToldStatus) => console.log(options.json ? JSON.stringify(told) : formatStatus(told))
  if (options.watch) return await watch(connection, options.json ? show : showAnew)
  const { systemStatus } = await connection.request<{ systemStatus: ToldStatus }>(
    `{ systemStatus { ${statusFields} } }`,
  )
  show(systemStatus)
}

/** At a terminal each table takes the place of the one before. */
function showAnew(told: ToldStatus): void {
  const text = formatStatus(told)
  console.log(process.stdout.isTTY ? `\u001b[H\u001b[J${text}` : `${text}\n`)
}

async function watch(connection: Connection, show: (told: ToldStatus) => void): Promise<void> {
  const interrupted = onInterrupt()
  try {
    const frames = subscribe<{ systemStatus: { status: ToldStatus } }>({
      url: connection.graphqlUrl,
      headers: () => connection.headers(),
      operation: { query: `subscription { systemStatus { status { ${statusFields} } } }` },
      signal: interrupted.signal,
    })
    for await (const { data } of frames) if (data) show(data.systemStatus.status)
  } catch (error) {
    if (interrupted.signal.aborted) return
    if (error instanceof OperationError) throw new CliFailure(error.message, { code: error.code })
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliFailure(`The connection was lost (${reason}).`, { code: 'UNREACHABLE' })
  } finally {
    interrupted.stop()
  }
}
