import type { GraphQLSchema } from 'graphql'
import { bootId } from './adapters/local/boot-id.ts'
import { composeAccounts } from './compose-accounts.ts'
import type { Config } from './config.ts'
import type { ProcessLoad } from './core/cluster.ts'
import { type Clock, systemClock } from './core/clock.ts'
import { createSealer } from './core/sealer.ts'
import { openMailSender } from './mail-sending.ts'
import { openChannels } from './open-channels.ts'
import { openJobs } from './open-jobs.ts'
import { openOperations } from './open-operations.ts'
import { openRecords } from './open-records.ts'
import { type HostProcess, idleHost } from './ports/host-process.ts'
import type { Logger } from './ports/logger.ts'
import { reloadTasksOnChange } from './reload-tasks.ts'
import type { Services } from './resolvers/context.ts'
import { createSchema } from './schema/index.ts'
import { degraded } from './server/http/health.ts'
import { createOwnAddress } from './server/http/own-address.ts'
import { openServer, type Server } from './server/open-server.ts'
import { createStreamLimits } from './server/streams/stream-limits.ts'
import type { RunOperation } from './server/graphql/operation-runner.ts'
import { createTaskCatalogue } from './services/jobs/task-catalogue.ts'
import { noteStart, noteStop } from './services/operations/clean-stop.ts'
import { createHub } from './services/streams/hub.ts'
import { publishCommitted } from './services/streams/live-events.ts'
import { alone, type Place, type Surroundings } from './surroundings.ts'
import { openPool } from './workers/pool.ts'
import { listTaskFiles } from './workers/task-files.ts'
import { createThreadSettings } from './workers/thread-settings.ts'

export interface AppOptions {
  readonly logger: Logger
  readonly clock?: Clock
  /** The cost of a password hash, for tests; see `bcryptPasswordHasher`. */
  readonly passwordCost?: number
  /** By default the server is alone. */
  readonly place?: Place
  /** By default nobody watches the process, and it stays. */
  readonly host?: HostProcess
}

export interface ClosingOptions {
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
  /** A query or mutation without a port. */
  readonly run: RunOperation
  /** Begins to accept connections; gives the bound port. Throws a `ListenError` when the port cannot be had. */
  listen(): Promise<number>
  /** Stops in order: no new work, streams told to come back, running jobs finished or handed back within `drainMs`, everything closed. */
  close(drainMs: number, options?: ClosingOptions): Promise<void>
}

/**
 * Composes a server from its settings and starts to work off jobs; `listen` opens it to the world.
 * Throws a `DataFolderError`, a `TaskFileError` or a `PasswordBlocklistError` with a sentence for people; nothing is left
 * open then.
 */
export async function createApp(config: Config, options: AppOptions): Promise<App> {
  const { logger, clock = systemClock, place = alone(config), host = idleHost } = options
  const { isAlone, isFirst } = place
  await using opened = new AsyncDisposableStack()
  const { store, folder, secret } = await openRecords(config, opened, { exclusive: isAlone })
  const surroundings = opened.use(await place.surround({ store, folder, secret, logger }))
  const { bus } = surroundings
  opened.defer(store.onCommitted(publishCommitted(bus)))
  if (isAlone && (await noteStart(store, await bootId())))
    logger.warn({}, 'The machine stopped uncleanly: cursors given out before are answered with a gap.')

  const { pool, threadSettings, tasks, schema } = await openTasks(config, opened, {
    filesFolder: isAlone ? folder.scratch : folder.scratchOf(surroundings.nodeId),
    logger,
  })
  const hub = opened.use(createHub({ store, bus, logger, clock }))
  const foundation = { ...surroundings, store, hub, clock, logger, pool, tasks, isAlone, isFirst, host }
  const jobs = opened.use(await openJobs(config, { ...foundation, files: folder.files }))
  const channels = opened.use(openChannels(config.channels, foundation))
  const open = () => server.open
  const operations = opened.use(await openOperations({ ...foundation, threadSettings, open }))
  const address = createOwnAddress(config.publicUrl, config.port)
  const sealer = createSealer([secret, ...config.previousSecrets])
  const { publicUrl } = address
  const mails = opened.use(openMailSender(config, { ...foundation, sealer, publicUrl, dataFolder: folder.path }))
  const accounts = await composeAccounts(config, { ...options, ...foundation, address, secret, wakeMails: mails.wake })
  const services = { accounts: opened.use(accounts), ...jobs.services, ...channels.services, ...operations.services }
  await jobs.runner.start()
  const server = openServer({
    ...config,
    address,
    schema,
    services,
    logger,
    clock,
    checks: {
      store: () => store.read(({ settings }) => settings.get('storeId')),
      ...(surroundings.busKind === 'redis' && { redis: async () => (bus.isLive ? undefined : degraded) }),
    },
    streamLimits: limitStreams(config, surroundings),
  })
  if (config.taskReload && config.taskFolders.length > 0) {
    const { taskFolders: folders } = config
    opened.use(reloadTasksOnChange({ folders, pool, tasks, logger, useSchema: server.useSchema }))
  }
  const setupToken = isAlone ? await services.accounts.setupToken() : null
  const resources = opened.move()

  return toApp({ config, schema, services, server, setupToken, load: operations.load }, async (drainMs, closing) => {
    await Promise.all([server.door.close(drainMs, closing), jobs.runner.stop(drainMs)])
    if (isAlone) await noteStop(store, logger)
    await resources.disposeAsync()
  })
}

/** Opens the threads, has them load the task files, and makes the schema of what they tell. */
async function openTasks(
  config: Config,
  opened: AsyncDisposableStack,
  { filesFolder, logger }: { readonly filesFolder: string; readonly logger: Logger },
) {
  const taskFiles = await listTaskFiles(config.taskFolders)
  const { computeThreads: threads, computeHeapMb: heapMb, artifactMaxBytes: maxFileBytes } = config
  const threadSettings = createThreadSettings()
  const pool = opened.use(
    openPool({ threads, heapMb, taskFiles, filesFolder, maxFileBytes, logger, settings: threadSettings }),
  )
  const descriptions = await pool.describe()
  const { schema, warnings } = createSchema(descriptions)
  for (const warning of warnings) logger.warn({}, warning)
  return { pool, threadSettings, schema, tasks: createTaskCatalogue(descriptions) }
}

function limitStreams(config: Config, { openLimiter, counts }: Pick<Surroundings, 'openLimiter' | 'counts'>) {
  return createStreamLimits({
    perUser: config.streamsPerUser,
    perNetwork: config.streamsPerNetwork,
    replay: openLimiter('replay', { attempts: config.replayPerMinute, seconds: 60 }),
    counts,
  })
}

interface AppParts extends Pick<App, 'schema' | 'services' | 'setupToken' | 'load'> {
  readonly config: Config
  readonly server: Server
}

function toApp(
  { config, server, ...parts }: AppParts,
  shutDown: (drainMs: number, options?: ClosingOptions) => Promise<void>,
): App {
  let closing: Promise<void> | null = null
  return {
    ...parts,
    graphiql: config.graphiql,
    get url() {
      return server.publicUrl()
    },
    run: server.door.run,
    listen: () => server.door.listen({ port: config.port, host: config.host }),
    close: (drainMs, options) => (closing ??= shutDown(drainMs, options)),
    async [Symbol.asyncDispose]() {
      await (closing ??= shutDown(0))
    },
  }
}
