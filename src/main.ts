import { createApp } from './app.ts'
import { pinoLogger } from './adapters/logging/pino-logger.ts'
import { CliFailure, codeForPeople } from './cli/failure.ts'
import { isMember } from './cluster/read-order.ts'
import { type Config, readConfig } from './config.ts'
import { greet } from './greet.ts'
import { idleHost } from './ports/host-process.ts'
import { serveAsMember } from './serve-as-member.ts'
import { supervise, type SuperviseOptions } from './supervise.ts'

/** How long running jobs and open streams may take to come to an end when the server is asked to stop, in ms. */
const drainMs = 10_000

/**
 * Starts the server and resolves when it has stopped: by SIGINT or SIGTERM, or because its terminal was closed; the second time
 * it ends at once. With more than
 * one process it is the one that supervises the others, each of which comes here again as a member. Throws a `CliFailure` with
 * a sentence for everything that a person can put right: settings, data folder, port, task files, Redis.
 */
export async function start(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    if (isMember(environment)) return await serveAsMember(environment)
    const stop = onStopSignal()
    const onHangUp = hearHangUps()
    const config = readConfig(environment)
    if (config.processes > 1) await supervise(config, { stop, onHangUp, drainMs })
    else await serve(config, { stop, onHangUp })
  } catch (error) {
    const code = codeForPeople(error)
    throw code !== null && error instanceof Error ? new CliFailure(error.message, { code }) : error
  }
}

/** With what a process exits that is to be started again (`EX_TEMPFAIL` of sysexits.h). */
const startAgainCode = 75

async function serve(config: Config, { stop, onHangUp }: Omit<SuperviseOptions, 'drainMs'>): Promise<void> {
  const logger = pinoLogger({ level: config.logLevel, pretty: process.stderr.isTTY })
  const { promise: left, resolve: leave } = Promise.withResolvers<string>()
  const app = await createApp(config, { logger, host: { ...idleHost, leave } })
  const port = await app.listen().catch(async (error: unknown) => {
    await app.close(0)
    throw error
  })
  greet({ ...config, url: app.url, setupToken: app.setupToken, port })
  onHangUp(() => logger.warn({}, 'SIGHUP replaces members, and this server is one process: restart it.'))
  const reason = await Promise.race([stop.then(() => null), left])
  if (reason !== null) {
    logger.warn({ reason }, 'The process leaves, for its service manager to start it again.')
    process.exitCode = startAgainCode
  }
  await app.close(drainMs)
}

/** The numbers of the signals that stop a server: who is ended by one leaves with 128 more. */
const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

function onStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const listener = (signal: keyof typeof signals) => {
      if (asked) process.exit(128 + signals[signal])
      asked = true
      if (signal !== 'SIGHUP') console.error('Stopping: running jobs may finish. Once more to stop at once.')
      resolve()
    }
    process.on('SIGINT', listener)
    process.on('SIGTERM', listener)
    if (process.stdin.isTTY) process.on('SIGHUP', listener)
    // Of a terminal that was closed nobody reads any more.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  })
}

/**
 * Hears of SIGHUP from now on: what the result is given is called for each, and at once where one came before. On a terminal
 * it says that this was closed, which stops the server instead.
 */
function hearHangUps(): SuperviseOptions['onHangUp'] {
  let hasCome = false
  let listener = () => {
    hasCome = true
  }
  if (!process.stdin.isTTY) process.on('SIGHUP', () => listener())
  return (given) => {
    listener = given
    if (hasCome) given()
  }
}
