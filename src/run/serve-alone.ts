import { type AppOptions, createApp } from '../app.ts'
import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import type { Config } from '../config.ts'
import { greet } from './greet.ts'
import { idleHost } from '../ports/host-process.ts'
import { endInTime } from './end-in-time.ts'
import type { SuperviseOptions } from './supervise.ts'

/** With what a process exits that is to be started again (`EX_TEMPFAIL` of sysexits.h). */
const startAgainCode = 75

/**
 * Runs the server as one process and resolves when it has stopped, because it was asked to or leaves by itself. Throws what `createApp` and
 * `listen` throw.
 */
export async function serveAlone(
  config: Config,
  { stop, onHangUp }: SuperviseOptions,
  pace: Pick<AppOptions, 'memoryPace' | 'leastUptimeMs'> = {},
): Promise<void> {
  const { unreadyMs, drainMs } = config.operations
  const logger = pinoLogger({ level: config.logLevel, pretty: process.stderr.isTTY })
  const { promise: left, resolve: leave } = Promise.withResolvers<string>()
  let isAsked = false
  void stop.then(() => (isAsked = true))
  await using closing = new AsyncDisposableStack()
  let heldThreads = () => 0
  closing.defer(() => endInTime({ logger, heldThreads: () => heldThreads() }))
  const app = closing.use(await createApp(config, { ...pace, logger, host: { ...idleHost, leave } }))
  heldThreads = () => app.load().zombieThreads
  // Nobody has been told of a server that was stopped while it started.
  if (isAsked) return await app.close(drainMs)
  const port = await app.listen()
  greet({ ...config, url: app.url, setupToken: app.setupToken, port, opsPort: app.opsPort })
  onHangUp(() => logger.warn({}, 'SIGHUP replaces members, and this server is one process: restart it.'))
  const reason = await Promise.race([stop.then(() => null), left])
  if (reason !== null) {
    logger.warn({ reason }, 'The process leaves, for its service manager to start it again.')
    process.exitCode = startAgainCode
  }
  await app.close(drainMs, { unreadyMs })
}
