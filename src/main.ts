import { createApp } from './app.ts'
import { pinoLogger } from './adapters/logging/pino-logger.ts'
import { CliFailure } from './cli/failure.ts'
import { isMember } from './cluster/read-order.ts'
import { type Config, readConfig } from './config.ts'
import { greet } from './greet.ts'
import { serveAsMember } from './serve-as-member.ts'
import { supervise } from './supervise.ts'

/** How long running jobs and open streams may take to come to an end when the server is asked to stop, in ms. */
const drainMs = 10_000

/**
 * Starts the server and resolves when it has stopped: by SIGINT or SIGTERM, a second of which ends it at once. With more than
 * one process it is the one that supervises the others, each of which comes here again as a member. Throws a `CliFailure` with
 * a sentence for everything that a person can put right: settings, data folder, port, task files, Redis.
 */
export async function start(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  if (isMember(environment)) return serveAsMember(environment)
  const stop = onStopSignal()
  try {
    const config = readConfig(environment)
    if (config.processes > 1) await supervise(config, { stop, drainMs })
    else await serve(config, stop)
  } catch (error) {
    throw toCliFailure(error)
  }
}

async function serve(config: Config, stop: Promise<unknown>): Promise<void> {
  const logger = pinoLogger({ level: config.logLevel, pretty: process.stderr.isTTY })
  const app = await createApp(config, { logger })
  const port = await app.listen().catch(async (error: unknown) => {
    await app.close(0)
    throw error
  })
  greet({ ...config, url: app.url, setupToken: app.setupToken, port })
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
