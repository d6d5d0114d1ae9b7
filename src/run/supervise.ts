import { setTimeout as sleep } from 'node:timers/promises'
import { activeResources } from '../adapters/local/active-resources.ts'
import { bootId } from '../adapters/local/boot-id.ts'
import { fileBlobStore } from '../adapters/local/file-blob-store.ts'
import { installationOf } from '../adapters/local/installation.ts'
import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { createWriteLockHolders } from '../adapters/sql/write-lock-holders.ts'
import { openRecords } from '../compose/open-records.ts'
import type { DrainOrder } from '../cluster/drain-order.ts'
import { forkMembers } from '../cluster/fork-members.ts'
import { shareThreads } from '../cluster/share-threads.ts'
import { createSupervisor, type Supervisor } from '../cluster/supervisor.ts'
import type { StartError } from '../cluster/supervisor/start-error.ts'
import type { Config } from '../config.ts'
import type { MemberChanged } from '../core/cluster.ts'
import { newId } from '../core/ids.ts'
import { greet } from './greet.ts'
import { applyRuntimeSettings } from '../compose/open-operations.ts'
import type { Bus } from '../ports/bus.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import { openPrimaryDesks } from './primary-desks.ts'
import { createOwnAddress } from '../server/http/own-address.ts'
import { findPorts } from '../server/http/listen.ts'
import { createSetupToken } from '../services/accounts/entry/setup-token.ts'
import { clearNodes, declareDead } from '../services/jobs/declare-dead.ts'
import { noteStart, noteStop } from '../services/operations/clean-stop.ts'
import { recordMemberChange } from '../services/operations/record-member-change.ts'
import { publishCommitted } from '../services/streams/live-events.ts'
import { runPhases } from '../services/operations/run-phases.ts'
import { endInTime } from './end-in-time.ts'
import type { LeavingTimes } from './shut-down.ts'
import { carryOverRedis } from '../compose/surroundings.ts'
import { watchPrimary } from './watch-primary.ts'

export interface SuperviseOptions {
  /** Resolves when the server is asked to stop. */
  readonly stop: Promise<unknown>
  /** Has the listener called for each SIGHUP, also for one that came before. */
  readonly onHangUp: (listener: () => void) => void
}

/**
 * Runs the server as a cluster, with this process as its primary, and resolves when it has stopped. SIGHUP replaces the
 * members one after the other. Throws what `createApp` throws, and a `StartError`.
 */
export async function supervise(config: Config, options: SuperviseOptions): Promise<void> {
  await using ending = new AsyncDisposableStack()
  await using opened = new AsyncDisposableStack()
  const logger = pinoLogger({ level: config.logLevel, pretty: process.stderr.isTTY })
  ending.defer(() => endInTime({ logger }))
  const { store, folder, secret } = await openRecords(config, opened, { exclusive: true })
  const installation = await installationOf({ storeId: store.id, database: folder.database })
  const desks = openPrimaryDesks({ logger, serving: () => supervisor.serving() })
  const { redisUrl } = config
  const bus =
    redisUrl === null ? desks.bus : opened.use(await carryOverRedis(redisUrl, { secret, logger }, { installation })).bus
  opened.defer(store.onCommitted(publishCommitted(bus)))
  await prepareStore(store, logger)
  // Opening it removes what was being received when the last server ended.
  await fileBlobStore({ folder: folder.files, staleMs: 0 })
  opened.use(await applyRuntimeSettings({ store, bus, logger }))
  const noted = noteChanges({ store, bus, logger, removeScratch: (nodeId) => folder.removeScratch(nodeId) })
  opened.defer(noted.close)

  const { port, opsPort } = await findPorts(config, config.operations.opsAddress)
  const { processes: members, computeThreads } = config
  const supervisor = opened.use(
    createSupervisor({
      members,
      logger,
      fork: forkMembers({
        onError: (error) => logger.error({ error: String(error) }, 'What a member said could not be dealt with.'),
      }),
      drain: replacing(config.operations),
      holdsLock: createWriteLockHolders(folder.database),
      orderFor(number) {
        const threads = shareThreads(computeThreads, members, number)
        return { number, nodeId: newId('node'), threads, port, opsPort, installation }
      },
      onLine(peer) {
        desks.join(peer)
        peer.answer('cluster.status', () => supervisor.status())
      },
    }),
  )
  supervisor.onChange(noted.add)
  const { publicUrl } = createOwnAddress(config.publicUrl, port)
  const busKind = redisUrl === null ? 'ipc' : 'redis'
  const watch = opened.use(watchPrimary(config, { store, bus, busKind, logger, supervisor, desks, publicUrl }))
  const { failure, served } = await serve(supervisor, options, async () => {
    const setupToken = await createSetupToken(store).setupToken()
    greet({ ...config, url: publicUrl(), port, opsPort, setupToken })
  })
  const resources = opened.move()
  const close = async () => {
    // Together: where somebody holds the database, both wait for the same time.
    await Promise.all([noted.close(), watch[Symbol.asyncDispose](), noteStop(store, logger)])
    await resources.disposeAsync()
  }
  await leave(supervisor, { ...(served ? config.operations : { unreadyMs: 0, drainMs: 0 }), logger, close })
  if (failure !== null) throw failure
}

/** How a member leaves that has a successor: nobody need be sent elsewhere before. */
const replacing = ({ drainMs }: LeavingTimes): DrainOrder => ({ unreadyMs: 0, drainMs, keepIdleMs: drainMs })

/** How much longer than their own limits the end of all members may take, and how long closing may, in ms. */
const membersMs = 15_000
const closeMs = 10_000

interface LeavingParts extends LeavingTimes {
  readonly logger: Logger
  close(): Promise<void>
}

/** Stops the members and closes all else, each with a deadline and a line in the log. */
function leave(supervisor: Supervisor, { unreadyMs, drainMs, logger, close }: LeavingParts): Promise<void> {
  const stopMembers = () => supervisor.stop(drainMs, unreadyMs)
  const phases = [
    { name: 'members', deadlineMs: unreadyMs + drainMs + membersMs, run: stopMembers },
    { name: 'close', deadlineMs: closeMs, run: close },
  ]
  const stillOpen = () => ({ members: supervisor.serving().length, resources: activeResources() })
  return runPhases(phases, { logger, stillOpen })
}

interface Served {
  /** Why the members stopped by themselves, if they did. */
  readonly failure: StartError | null
  /** Whether all of them came to serve. */
  readonly served: boolean
}

/** Starts the members and waits until they are to stop, also while they start. */
async function serve(
  supervisor: Supervisor,
  { stop, onHangUp }: SuperviseOptions,
  started: () => Promise<void>,
): Promise<Served> {
  const stopped = stop.then(() => null)
  const starting = supervisor.start().then(() => true)
  // Who is stopped while it starts is told so by the start as well.
  starting.catch(() => undefined)
  if ((await Promise.race([starting, stopped])) === null) return { failure: null, served: false }
  await started()
  onHangUp(() => void supervisor.reload())
  return { failure: await Promise.race([supervisor.failed, stopped]), served: true }
}

/** What the only process does to a store at its start, before there are members. */
async function prepareStore(store: Store, logger: Logger): Promise<void> {
  if (await noteStart(store, await bootId()))
    logger.warn({}, 'The machine stopped uncleanly: cursors given out before are answered with a gap.')
  await clearNodes(store)
}

interface Noting {
  readonly store: Store
  readonly bus: Bus
  readonly logger: Logger
  removeScratch(nodeId: string): Promise<void>
}

/** How long what befell members may take to be noted when all have been stopped, in ms: somebody else may hold the database. */
const lastNotesMs = 5_000

/**
 * Does what a change in the life of a member asks for, one after the other: above all, has its jobs taken back when it has
 * ended. Once it is closed nobody is left who could take them; the next start does.
 */
function noteChanges({ store, bus, logger, removeScratch }: Noting) {
  const record = recordMemberChange(store)
  const closing = new AbortController()
  let last = Promise.resolve()

  async function note({ change, ...rest }: MemberChanged): Promise<void> {
    const { nodeId } = rest.member
    const hasEnded = change === 'ENDED'
    try {
      if (hasEnded && !closing.signal.aborted) await declareDead({ store, bus }, nodeId, closing.signal)
      await record({ change, ...rest })
      if (hasEnded) await removeScratch(nodeId)
    } catch (error) {
      if (!closing.signal.aborted) {
        logger.warn({ nodeId, change, error: String(error) }, 'A change of a member could not be noted.')
      }
    }
  }

  return {
    add(change: MemberChanged): void {
      last = last.then(() => note(change))
    },
    /** Resolves when all changes so far are noted, or when that takes too long. */
    async close(): Promise<void> {
      closing.abort()
      await Promise.race([last, sleep(lastNotesMs, undefined, { ref: false })])
    },
  }
}
