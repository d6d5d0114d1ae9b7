import type { GraphQLSchema } from 'graphql'
import { composeAccounts } from './compose/compose-accounts.ts'
import type { Config } from './config.ts'
import type { ProcessLoad } from './core/cluster.ts'
import { createSealer } from './core/sealer.ts'
import type { SheddingStatus } from './core/shedding.ts'
import { openMailSender } from './compose/mail-sending.ts'
import { openAdmission } from './compose/open-admission.ts'
import { openChannels } from './compose/open-channels.ts'
import { type Foundation, type FoundationOptions, openFoundation } from './compose/open-foundation.ts'
import { openJobs } from './compose/open-jobs.ts'
import { openWatch, type WatchOptions } from './compose/open-watch.ts'
import { pauseWithLease } from './compose/pause-with-lease.ts'
import { type HostProcess, idleHost } from './ports/host-process.ts'
import { reloadTasksOnChange } from './compose/reload-tasks.ts'
import type { Services } from './resolvers/context.ts'
import type { RunOperation } from './server/graphql/operation-runner.ts'
import { openServer, type Server } from './server/open-server.ts'
import { createStreamLimits } from './server/streams/stream-limits.ts'
import { noteStop } from './services/operations/clean-stop.ts'
import { shutDown } from './run/shut-down.ts'
import type { Surroundings } from './compose/surroundings.ts'

export interface AppOptions extends FoundationOptions, WatchOptions {
  /** The cost of a password hash, for tests; see `bcryptPasswordHasher`. */
  readonly passwordCost?: number
  /** By default nobody watches the process, and it stays. */
  readonly host?: HostProcess
}

export interface ClosingOptions {
  /** For how long it says that it goes, and serves on, in ms (0). */
  readonly unreadyMs?: number
  /** Whether a successor is there already: connections that are idle are answered once more (`HttpDoor`). */
  readonly keepIdle?: boolean
}

/** A whole server: several of them can live in one process, each with its own data folder. */
export interface App extends AsyncDisposable {
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly graphiql: boolean
  /** With it the first administrator signs up; `null` once there is one. */
  readonly setupToken: string | null
  /** Where the server is reached, once it listens. */
  readonly url: string
  /** What this process has to do at the moment. */
  readonly load: () => ProcessLoad
  /** How hard it sheds load at the moment. */
  readonly shedding: () => SheddingStatus
  /** A query or mutation without a port. */
  readonly run: RunOperation
  /** Begins to accept connections; gives the bound port. Throws a `ListenError` when a port cannot be had. */
  listen(): Promise<number>
  /** The port of its own for probes and figures; `null` where there is none, or before it listens. */
  readonly opsPort: number | null
  /**
   * Stops in phases, each with a deadline: no new work, streams told to come back, running jobs finished or handed back within
   * `drainMs`, everything closed, the ops port and the store last.
   */
  close(drainMs: number, options?: ClosingOptions): Promise<void>
}

/**
 * Composes a server from its settings and starts to work off jobs; `listen` opens it to the world.
 * Throws a `DataFolderError`, a `TaskFileError` or a `PasswordBlocklistError` with a sentence for people; nothing is left
 * open then.
 */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { host = idleHost } = options
  await using opened = new AsyncDisposableStack()
  const foundation = await openFoundation(config, options, opened)
  const { isAlone, logger, folder, closedLast } = foundation
  const admission = opened.use(openAdmission(config, foundation, options.pressure))
  const jobs = opened.use(await openJobs(config, { ...foundation, admission, files: folder.files }))
  const channels = opened.use(openChannels(config.channels, foundation))
  const parts = { admission, host: pauseWithLease(host, jobs.runner), open: () => server.open }
  const watch = await openWatch(config, { ...foundation, ...parts }, options, opened)
  const services = {
    ...(await openAccountServices(config, foundation, options, opened)),
    ...jobs.services,
    ...channels.services,
    ...watch.services,
  }
  await jobs.runner.start()
  const server = openServer({
    ...config,
    ...foundation,
    ...watch,
    services,
    hasOpsPort: config.operations.opsAddress !== null,
    streamLimits: limitStreams(config, foundation),
    takeMs: config.operations.operationMs,
  })
  reloadTasks(config, foundation, server, opened)
  closedLast.use(server.ops)
  const setupToken = isAlone ? await services.accounts.setupToken() : null
  const resources = opened.move()
  const { readiness, load, memory } = watch

  const onListening = () => memory.mark('ready')
  return toApp(
    { config, schema: foundation.schema, services, server, setupToken, load, shedding: admission.status, onListening },
    (drainMs, { keepIdle = false, unreadyMs = 0 }) =>
      shutDown({
        unreadyMs,
        drainMs,
        logger,
        unready: readiness.drain,
        stopAccepting() {
          server.door.stopAccepting({ keepIdle })
          // The successor answers there as well.
          if (keepIdle) server.ops?.stopAccepting()
        },
        drain: () => Promise.all([server.door.close(drainMs), jobs.runner.stop(drainMs)]),
        async close() {
          readiness[Symbol.dispose]()
          await foundation.alerts[Symbol.asyncDispose]()
          if (isAlone) await noteStop(foundation.store, logger)
          await resources.disposeAsync()
        },
        open: () => stillOpen(load()),
      }),
  )
}

function stillOpen({ connections, streams, busyThreads, zombieThreads, waitingAttempts }: ProcessLoad): object {
  return { connections, streams, busyThreads, zombieThreads, waitingAttempts }
}

/** Accounts, and the mails that they send. */
async function openAccountServices(
  config: Config,
  foundation: Foundation,
  { passwordCost }: Pick<AppOptions, 'passwordCost'>,
  opened: AsyncDisposableStack,
): Promise<Pick<Services, 'accounts'>> {
  const { address, secret, folder } = foundation
  const sealer = createSealer([secret, ...config.previousSecrets])
  const { publicUrl } = address
  const mails = opened.use(openMailSender(config, { ...foundation, sealer, publicUrl, dataFolder: folder.path }))
  const accounts = await composeAccounts(config, {
    ...foundation,
    ...(passwordCost !== undefined && { passwordCost }),
    wakeMails: mails.wake,
  })
  return { accounts: opened.use(accounts) }
}

function reloadTasks(
  { taskReload, taskFolders: folders }: Config,
  { pool, tasks, logger }: Foundation,
  { useSchema }: Server,
  opened: AsyncDisposableStack,
): void {
  if (taskReload && folders.length > 0) opened.use(reloadTasksOnChange({ folders, pool, tasks, logger, useSchema }))
}

function limitStreams(config: Config, { openLimiter, counts }: Pick<Surroundings, 'openLimiter' | 'counts'>) {
  return createStreamLimits({
    perUser: config.streamsPerUser,
    perNetwork: config.streamsPerNetwork,
    replay: openLimiter('replay', { attempts: config.replayPerMinute, seconds: 60 }),
    counts,
  })
}

interface AppParts extends Pick<App, 'schema' | 'services' | 'setupToken' | 'load' | 'shedding'> {
  readonly config: Config
  readonly server: Server
  onListening(): void
}

function toApp(
  { config, server, onListening, ...parts }: AppParts,
  leave: (drainMs: number, options: ClosingOptions) => Promise<void>,
): App {
  let closing: Promise<void> | null = null
  let opsPort: number | null = null
  return {
    ...parts,
    graphiql: config.graphiql,
    get url() {
      return server.publicUrl()
    },
    run: server.door.run,
    get opsPort() {
      return opsPort
    },
    async listen() {
      const { opsAddress } = config.operations
      if (opsAddress !== null && server.ops !== null) opsPort = await server.ops.listen(opsAddress)
      const port = await server.door.listen({ port: config.port, host: config.host })
      onListening()
      return port
    },
    close: (drainMs, options = {}) => (closing ??= leave(drainMs, options)),
    async [Symbol.asyncDispose]() {
      await (closing ??= leave(0, {}))
    },
  }
}
