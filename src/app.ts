import type { GraphQLSchema } from 'graphql'
import { openidProviders } from './adapters/oauth/openid-providers.ts'
import { webauthnCeremonies } from './adapters/webauthn/webauthn-ceremonies.ts'
import { joseAccessTokens } from './adapters/jose/jose-access-tokens.ts'
import { bcryptPasswordHasher } from './adapters/local/bcrypt-password-hasher.ts'
import { bootId } from './adapters/local/boot-id.ts'
import { type DataFolder, DataFolderError, openDataFolder } from './adapters/local/data-folder.ts'
import { filePasswordBlocklist } from './adapters/local/file-password-blocklist.ts'
import { lockExclusively } from './adapters/sql/node-sqlite.ts'
import { sqliteStore } from './adapters/sql/sqlite-store.ts'
import { otplibTotpCodes } from './adapters/totp/otplib-totp-codes.ts'
import type { Config } from './config.ts'
import { type Clock, systemClock } from './core/clock.ts'
import { createSealer } from './core/sealer.ts'
import { deriveKey } from './core/secrets.ts'
import { openMailSender } from './mail-sending.ts'
import { openChannels } from './open-channels.ts'
import { openJobs } from './open-jobs.ts'
import { passkeySite } from './passkey-site.ts'
import type { Bus } from './ports/bus.ts'
import type { ComputePool, TaskDescription } from './ports/compute-pool.ts'
import type { Logger } from './ports/logger.ts'
import type { OpenRateLimiter } from './ports/rate-limiter.ts'
import type { Store } from './ports/store.ts'
import { reloadTasksOnChange } from './reload-tasks.ts'
import type { Services } from './resolvers/context.ts'
import { createSchema } from './schema/index.ts'
import { createOwnAddress, type OwnAddress } from './server/http/own-address.ts'
import { openServer, type Server } from './server/open-server.ts'
import { createStreamLimits } from './server/streams/stream-limits.ts'
import type { RunOperation } from './server/graphql/operation-runner.ts'
import type { Accounts } from './services/accounts/accounts.ts'
import { createAccounts } from './services/accounts/create-accounts.ts'
import { openSigningKeys } from './services/accounts/keys/signing-keys.ts'
import { storedSecret } from './services/accounts/keys/stored-secret.ts'
import { type AccountLimiters, attemptLimits } from './services/accounts/limits/attempt-limits.ts'
import { createTaskCatalogue } from './services/jobs/task-catalogue.ts'
import { noteStart, noteStop } from './services/operations/clean-stop.ts'
import { createHub } from './services/streams/hub.ts'
import { publishCommitted } from './services/streams/live-events.ts'
import type { Hub } from './services/streams/stream.ts'
import { alone, type Place } from './surroundings.ts'
import { openPool } from './workers/pool.ts'
import { listTaskFiles } from './workers/task-files.ts'

export interface AppOptions {
  readonly logger: Logger
  readonly clock?: Clock
  /** The cost of a password hash, for tests; see `bcryptPasswordHasher`. */
  readonly passwordCost?: number
  /** By default the server is alone. */
  readonly place?: Place
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
  const { logger, clock = systemClock, place = alone } = options
  const { isAlone } = place
  await using opened = new AsyncDisposableStack()
  const { store, folder, secret } = await openRecords(config, opened, { exclusive: isAlone })
  const surroundings = opened.use(await place.surround({ store, logger }))
  const { bus, openLimiter, counts, turns, nodeId } = surroundings
  opened.defer(store.onCommitted(publishCommitted(bus)))
  if (isAlone && (await noteStart(store, await bootId())))
    logger.warn({}, 'The machine stopped uncleanly: cursors given out before are answered with a gap.')

  const filesFolder = isAlone ? folder.scratch : folder.scratchOf(nodeId)
  const taskFiles = await listTaskFiles(config.taskFolders)
  const { computeThreads: threads, computeHeapMb: heapMb, artifactMaxBytes: maxFileBytes } = config
  const pool = opened.use(openPool({ threads, heapMb, taskFiles, filesFolder, maxFileBytes, logger }))
  const descriptions = await pool.describe()
  const { schema, warnings } = createSchema(descriptions)
  for (const warning of warnings) logger.warn({}, warning)

  const hub = opened.use(createHub({ store, bus, logger, clock }))
  const tasks = createTaskCatalogue(descriptions)
  const jobs = opened.use(
    await openJobs(config, {
      store,
      bus,
      hub,
      pool,
      tasks,
      files: folder.files,
      clock,
      logger,
      nodeId,
      isAlone,
      turns,
    }),
  )
  const channels = opened.use(openChannels(config.channels, { store, hub, clock, logger, openLimiter }))
  const address = createOwnAddress(config.publicUrl, config.port)
  const sealer = createSealer([secret, ...config.previousSecrets])
  const { publicUrl } = address
  const mails = opened.use(openMailSender(config, { store, clock, logger, sealer, publicUrl, dataFolder: folder.path }))
  const services: Services = {
    accounts: opened.use(
      await composeAccounts(config, {
        ...options,
        address,
        bus,
        hub,
        clock,
        store,
        secret,
        openLimiter,
        wakeMails: mails.wake,
      }),
    ),
    ...jobs.services,
    ...channels.services,
  }
  await jobs.runner.start()
  const checks = { store: () => store.read(({ settings }) => settings.get('storeId')) }
  const streamLimits = createStreamLimits({
    perUser: config.streamsPerUser,
    perNetwork: config.streamsPerNetwork,
    replay: openLimiter('replay', { attempts: config.replayPerMinute, seconds: 60 }),
    counts,
  })
  const server = openServer({ ...config, address, schema, services, logger, clock, checks, streamLimits })
  if (config.taskReload && config.taskFolders.length > 0) {
    const { taskFolders: folders } = config
    opened.use(reloadTasksOnChange({ folders, pool, tasks, logger, useSchema: server.useSchema }))
  }
  const setupToken = isAlone ? await services.accounts.setupToken() : null
  const resources = opened.move()

  return toApp({ config, schema, services, server, setupToken }, async (drainMs, closing) => {
    await Promise.all([server.door.close(drainMs, closing), jobs.runner.stop(drainMs)])
    if (isAlone) await noteStop(store)
    await resources.disposeAsync()
  })
}

interface AppParts extends Pick<App, 'schema' | 'services' | 'setupToken'> {
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

/** The tasks that a server with these settings would have, asked of one thread. Throws a `TaskFileError`. */
export async function describeTasks(config: Config, logger: Logger): Promise<readonly TaskDescription[]> {
  await using pool: ComputePool = openPool({ threads: 1, taskFiles: await listTaskFiles(config.taskFolders), logger })
  return await pool.describe()
}

/** The accounts of a data folder, also while a server uses it. Throws a `DataFolderError`. */
export async function openAccounts(
  config: Config,
  logger: Logger,
): Promise<AsyncDisposable & { readonly accounts: Accounts }> {
  await using opened = new AsyncDisposableStack()
  const { store, secret } = await openRecords(config, opened, { exclusive: false })
  const { bus, openLimiter } = opened.use(await alone.surround({ store, logger }))
  const hub = opened.use(createHub({ store, bus, logger }))
  const composed = await composeAccounts(config, {
    address: createOwnAddress(config.publicUrl),
    bus,
    hub,
    clock: systemClock,
    logger,
    openLimiter,
    store,
    secret,
  })
  const accounts = opened.use(composed)
  const resources = opened.move()
  return { accounts, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** A data folder that is open, with what was kept in it. */
export interface OpenedRecords {
  readonly folder: DataFolder
  readonly secret: string
  readonly store: Store
}

/**
 * Opens a data folder, until `opened` is disposed of; `exclusive`: unless a server uses it. Throws a `DataFolderError` or a
 * `StoreError`.
 */
export async function openRecords(
  config: Config,
  opened: AsyncDisposableStack,
  { exclusive }: { readonly exclusive: boolean },
): Promise<OpenedRecords> {
  const folder = await openDataFolder(config.dataDir)
  if (exclusive) {
    const unlock = lockExclusively(folder.lock)
    if (unlock === null) throw lockedError(folder.path)
    opened.defer(unlock)
    await folder.removeScratch()
  }
  const secret = config.secret ?? (await folder.rootSecret())
  const store = opened.use(await sqliteStore({ path: folder.database }))
  return { folder, secret, store }
}

function lockedError(path: string): DataFolderError {
  return new DataFolderError(
    'DATA_FOLDER_LOCKED',
    `Another Millrace uses the data folder ${path}. Stop it, or set DATA_DIR to another folder.`,
  )
}

interface AccountsFoundation {
  readonly address: OwnAddress
  readonly bus: Bus
  readonly hub: Pick<Hub, 'open'>
  readonly logger: Logger
  readonly openLimiter: OpenRateLimiter
  readonly store: Store
  readonly secret: string
  readonly clock: Clock
  readonly passwordCost?: number
  readonly wakeMails?: () => void
}

async function composeAccounts(
  config: Config,
  { address, bus, hub, store, secret, clock, logger, openLimiter, passwordCost, wakeMails }: AccountsFoundation,
): Promise<Accounts & AsyncDisposable> {
  const limiters = Object.fromEntries(
    Object.entries(attemptLimits).map(([name, limit]) => [name, openLimiter(name, limit)]),
    // The keys are those of the table.
  ) as AccountLimiters
  const sealer = createSealer([secret, ...config.previousSecrets])
  // Until it was stored, the pepper was derived from the root secret of the time.
  const pepperBefore = deriveKey(config.previousSecrets[0] ?? secret, 'password pepper, 1')
  const pepper = await storedSecret({ store, sealer }, 'passwordPepper', pepperBefore)
  const keys = await openSigningKeys({ store, sealer, clock, algorithm: config.accessTokenAlgorithm })
  return createAccounts({
    store,
    bus,
    hub,
    keys,
    clock,
    limiters,
    logger,
    policy: {
      signUp: config.signUp,
      emailVerification: config.emailVerification,
      requireMfa: config.requireMfa,
      sessionIdleMs: config.sessionIdleMs,
      sessionMaxMs: config.sessionMaxMs,
      refreshGraceMs: config.refreshGraceMs,
      auditKeepMs: config.auditKeepMs,
      appUrl: () => config.appUrl ?? address.publicUrl(),
      publicUrl: () => address.publicUrl(),
      redirects: () => [...address.origins(), ...config.corsOrigins, ...config.oauth.redirects],
      production: config.production,
    },
    sealer,
    ...(wakeMails === undefined ? {} : { wakeMails }),
    recoveryKey: await storedSecret({ store, sealer }, 'recoveryCodes'),
    totp: otplibTotpCodes({ issuer: 'Millrace', window: config.totpWindow }),
    providers: openidProviders({ ...config.oauth, logger, clock }),
    ceremonies: webauthnCeremonies(passkeySite(config, address)),
    blocklist:
      config.passwordBlocklist === null ? null : await filePasswordBlocklist({ path: config.passwordBlocklist }),
    hasher: bcryptPasswordHasher({
      pepper,
      ...(passwordCost === undefined ? {} : { cost: passwordCost }),
    }),
    tokens: joseAccessTokens({
      keys,
      clock,
      // Named after the database, which outlives ports and addresses.
      issuer: `millrace:${store.id}`,
      audience: 'millrace',
      lifetimeMs: config.accessTokenMs,
    }),
  })
}
