import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { createLoadMeter } from '../adapters/local/process-load.ts'
import { type App, createApp } from '../app.ts'
import { codeForPeople } from '../cli/failure.ts'
import { createPeer } from '../cluster/create-peer.ts'
import { joinCluster } from '../cluster/member.ts'
import type { StartFailure } from '../cluster/member-notices.ts'
import { processLink } from '../cluster/process-link.ts'
import { readOrder } from '../cluster/read-order.ts'
import { readConfig } from '../config.ts'
import type { OperationsConfig } from '../settings/operations-settings.ts'
import { recycleWhenCrippled } from '../services/operations/recycle-when-crippled.ts'
import { among } from '../compose/surroundings.ts'

/**
 * Serves as a member of a cluster, by the order of the primary that forked this process. Resolves when it serves; the process
 * ends when the primary says so, or is gone.
 */
export async function serveAsMember(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { number, nodeId, port, opsPort, threads, installation } = readOrder(environment)
  const settings = readConfig(environment)
  const config = { ...settings, port, computeThreads: threads, operations: withOpsPort(settings.operations, opsPort) }
  const logger = pinoLogger({ level: config.logLevel, pretty: process.stderr.isTTY, fields: { member: number } })
  const peer = createPeer(processLink(process))
  const starting = createLoadMeter(whileStarting(threads))
  let app: App | null = null
  const membership = joinCluster({
    peer,
    logger,
    load: () => app?.load() ?? starting.read(),
    drain: async ({ unreadyMs, drainMs, keepIdleMs }) => app?.close(drainMs, { unreadyMs, keepIdle: keepIdleMs > 0 }),
    host: {
      pid: process.pid,
      on: (event, listener) => process.on(event, listener),
      off: (event, listener) => process.off(event, listener),
      prependOnceListener: (event, listener) => process.prependOnceListener(event, listener),
      kill: (pid, signal) => process.kill(pid, signal),
      exit(code) {
        logger.flush()
        process.exit(code)
      },
    },
  })
  try {
    const place = among({ number, nodeId, installation, peer, line: membership.line }, config)
    const { recycle: leave, pause } = membership
    const opened = await createApp(config, { logger, place, host: { leave, pause } })
    app = opened
    starting[Symbol.dispose]()
    await opened.listen()
    membership.ready()
    recycleWhenCrippled(opened.load, leave)
  } catch (error) {
    await membership.failed(failureOf(error))
    logger.flush()
    process.exit(1)
  }
}

function whileStarting(threads: number): Parameters<typeof createLoadMeter>[0] {
  const since = Date.now()
  return {
    pool: () => ({ threads, busy: 0, zombies: 0, waiting: 0 }),
    open: () => ({ connections: 0, streams: 0 }),
    bus: () => ({ kind: 'ipc', isLive: true, since }),
  }
}

function withOpsPort(operations: OperationsConfig, port: number | null): OperationsConfig {
  const { opsAddress } = operations
  return { ...operations, opsAddress: opsAddress && port !== null ? { ...opsAddress, port } : null }
}

/** What the primary tells the person who starts it. */
function failureOf(error: unknown): StartFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const code = codeForPeople(error)
  return code === null ? { code: 'MEMBER_NOT_READY', message: stack ?? message } : { code, message }
}
