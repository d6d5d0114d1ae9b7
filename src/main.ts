import { type App, createApp } from './app.ts'
import { pinoLogger } from './adapters/logging/pino-logger.ts'
import { type Config, readConfig } from './config.ts'
import { CliFailure } from './cli/failure.ts'

/** How long running jobs and open streams may take to come to an end when the server is asked to stop, in ms. */
const drainMs = 10_000

/**
 * Starts the server and resolves when it has stopped: by SIGINT or SIGTERM, a second of which ends it at once. Throws a
 * `CliFailure` with a sentence for everything that a person can put right: settings, data folder, port, task files.
 */
export async function start(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const stop = onStopSignal()
  let app: App
  let config: Config
  let port: number
  try {
    config = readConfig(environment)
    const logger = pinoLogger({ level: config.logLevel, pretty: process.stderr.isTTY })
    app = await createApp(config, { logger })
    port = await app.listen().catch(async (error: unknown) => {
      await app.close(0)
      throw error
    })
  } catch (error) {
    throw toCliFailure(error)
  }
  greet(app, config.publicUrl === null ? null : `${config.host}:${port}`)
  await stop
  await app.close(drainMs)
}

/** Start-up errors that carry a code are meant for people; the rest is a fault of ours and keeps its stack. */
function toCliFailure(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return error
  return /^[A-Z]+(_[A-Z]+)+$/.test(error.code) && !error.code.startsWith('ERR_')
    ? new CliFailure(error.message, { code: error.code })
    : error
}

/** `bound`: the address behind a public one. */
function greet(app: App, bound: string | null): void {
  const listens = bound === null ? app.url : `${bound} and is reached at ${app.url}`
  const lines = [`Millrace listens on ${listens}`, `  GraphiQL:  ${app.url}/graphql`, `  try it:    ${app.url}/`]
  if (!app.graphiql) lines.length = 1
  if (app.setupToken !== null) {
    lines.push(`  There is no administrator yet. Sign up as the first one with this token, which works once:`)
    lines.push(`  setupToken: ${app.setupToken}`)
  }
  console.log(lines.join('\n'))
}

function onStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const listener = (signal: NodeJS.Signals) => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143)
      asked = true
      console.error('Stopping: running jobs may finish. Once more to stop at once.')
      resolve()
    }
    process.on('SIGINT', listener)
    process.on('SIGTERM', listener)
  })
}
