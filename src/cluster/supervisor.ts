import { type Clock, systemClock } from '../core/clock.ts'
import type { ClusterStatus, MemberChange, MemberChanged, MemberEnd, MemberStatus } from '../core/cluster.ts'
import type { ClusterView } from '../ports/cluster-view.ts'
import type { Logger } from '../ports/logger.ts'
import { type AwakeTime, keepAwakeTime } from './awake-time.ts'
import type { DrainOrder } from './drain-order.ts'
import type { ForkMember } from './forked-member.ts'
import type { MemberOrder } from './member-order.ts'
import type { Peer } from './peer.ts'
import { MemberProcess } from './supervisor/member-process.ts'
import { createReplacements, type Replacements } from './supervisor/replacements.ts'
import { Slot } from './supervisor/slot.ts'
import { StartError } from './supervisor/start-error.ts'
import { type SupervisorTimes, supervisorTimes } from './supervisor/supervisor-times.ts'
import { createUnblocking } from './supervisor/unblock-store.ts'
import { createChangeTeller } from './supervisor/tell-changes.ts'

export interface SupervisorOptions {
  readonly members: number
  /** The order for the next process of the member of that number, counted from 1; each has a node of its own. */
  orderFor(number: number): MemberOrder
  readonly fork: ForkMember
  readonly logger: Logger
  /** How a member that is replaced comes to its end. */
  readonly drain: DrainOrder
  /** Called with each new line, before anything comes over it, so that what the member asks for finds who answers. */
  onLine?(peer: Peer, order: MemberOrder): void
  /**
   * Whether the process of that pid holds the lock under which the store is written, which is asked of a member that is silent:
   * it is killed sooner then. Never rejects.
   */
  holdsLock?(pid: number): Promise<boolean>
  readonly times?: Partial<SupervisorTimes>
  readonly clock?: Clock
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs?: () => number
}

/**
 * Keeps members running: forks them, kills who is silent, has who ended followed by another process, replaces them without a
 * gap. It serves nothing itself. Disposing of it kills all members.
 */
export interface Supervisor extends ClusterView, AsyncDisposable {
  /**
   * Resolves when all members are ready. Rejects with a `StartError`, after all have ended, when one cannot start, or when the
   * members are stopped meanwhile.
   */
  start(): Promise<void>
  /** Replaces all members, one after the other; resolves, never rejects, with whether all were replaced. */
  reload(): Promise<boolean>
  /**
   * Has all members come to their end within so many ms, and a grace; resolves when they are gone. Before that they say for
   * `unreadyMs` that they go, and serve on.
   */
  stop(drainMs: number, unreadyMs?: number): Promise<void>
  /** Ends all members at once. */
  kill(): void
  /** Hears at once what befalls a member. Call the result to stop. */
  onChange(listener: (change: MemberChanged) => void): () => void
  /** The lines to those that serve, one for each place: while one is being replaced, to the one whose place it is. */
  serving(): readonly { readonly number: number; readonly peer: Peer }[]
  /** Resolves when no member is left that is started again. */
  readonly failed: Promise<StartError>
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  return new MemberSupervisor(options)
}

class MemberSupervisor implements Supervisor {
  readonly failed: Promise<StartError>
  readonly #options: SupervisorOptions
  readonly #times: SupervisorTimes
  readonly #clock: Clock
  readonly #awake: AwakeTime
  readonly #slots: readonly Slot[]
  readonly #replacements: Replacements
  readonly #alive = new Set<MemberProcess>()
  readonly #changes
  readonly #startedAt: number
  readonly #fail: (error: StartError) => void
  /** While it starts. */
  #failStart: ((error: StartError) => void) | null = null
  #stopped: Promise<void> | null = null
  #collecting: Promise<ClusterStatus> | null = null

  constructor(options: SupervisorOptions) {
    const { members, logger, monotonicMs, drain, holdsLock } = options
    this.#options = options
    this.#times = { ...supervisorTimes, ...options.times }
    this.#clock = options.clock ?? systemClock
    this.#startedAt = this.#clock.now()
    this.#changes = createChangeTeller(logger)
    const { promise, resolve } = Promise.withResolvers<StartError>()
    this.failed = promise
    this.#fail = resolve
    const { suspectMs } = this.#times
    const unblock = holdsLock && createUnblocking({ members: this.#alive, suspectMs, holdsLock })
    const tick = () => {
      for (const member of this.#alive) member.tick()
      unblock?.()
    }
    this.#awake = keepAwakeTime({ everyMs: this.#times.tickMs, tick, ...(monotonicMs && { monotonicMs }) })
    const parts = {
      times: this.#times,
      fork: (number: number, restarts: number) => this.#fork(number, restarts),
      gaveUp: (status: MemberStatus, earlyEnds: number) => this.#gaveUp(status, earlyEnds),
    }
    this.#slots = Array.from({ length: members }, (_, index) => new Slot({ ...parts, number: index + 1 }))
    this.#replacements = createReplacements({ slots: this.#slots, awake: this.#awake, drain, logger })
  }

  async start(): Promise<void> {
    const { promise: failure, reject } = Promise.withResolvers<never>()
    this.#failStart = reject
    const members = this.#slots.map((slot) => slot.start()).filter((member) => member !== null)
    if (this.#stopped !== null) reject(stoppedAtStart())
    const ready = members.map((member) => member.ready)
    try {
      // Whoever does not get ready has failed the start before it says so here.
      await Promise.race([failure, Promise.all(ready)])
    } catch (error) {
      this.kill()
      await this.stop(0)
      throw error
    } finally {
      this.#failStart = null
    }
  }

  reload(): Promise<boolean> {
    return this.#replacements.reload()
  }

  stop(drainMs: number, unreadyMs = 0): Promise<void> {
    this.#stopped ??= this.#stop({ unreadyMs, drainMs, keepIdleMs: 0 })
    return this.#stopped
  }

  kill(): void {
    const stopped = this.stop(0)
    for (const member of this.#alive) member.kill({ kind: 'STOPPED', reason: 'All members are ended at once.' })
    void stopped
  }

  status(): Promise<ClusterStatus> {
    this.#collecting ??= this.#collect().finally(() => {
      this.#collecting = null
    })
    return this.#collecting
  }

  onChange(listener: (change: MemberChanged) => void): () => void {
    return this.#changes.add(listener)
  }

  serving(): readonly { readonly number: number; readonly peer: Peer }[] {
    return this.#slots.flatMap(({ number, current }) =>
      current?.wasReady === true && !current.isOver ? [{ number, peer: current.peer }] : [],
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    await this.stop(0)
  }

  async #stop(order: DrainOrder): Promise<void> {
    for (const slot of this.#slots) slot.close()
    this.#failStart?.(stoppedAtStart())
    const leaving = [...this.#alive]
    for (const member of leaving) member.drain(order, { kind: 'STOPPED', reason: 'All members are stopped.' })
    await Promise.all(leaving.map((member) => member.ended))
    this.#awake[Symbol.dispose]()
  }

  async #collect(): Promise<ClusterStatus> {
    await Promise.all([...this.#alive].map((member) => member.refreshLoad()))
    return {
      at: this.#clock.now(),
      primaryPid: process.pid,
      isSupervised: true,
      startedAt: this.#startedAt,
      members: this.#slots.flatMap((slot) => slot.status()),
    }
  }

  #fork(number: number, restarts: number): MemberProcess {
    const { orderFor, fork, onLine } = this.#options
    const order = orderFor(number)
    const forked = fork(order)
    onLine?.(forked.peer, order)
    const slot = this.#slots[number - 1]
    const member = new MemberProcess({
      order,
      forked,
      restarts,
      clock: this.#clock,
      awake: this.#awake,
      times: this.#times,
      listener: {
        ready: (member) => this.#tell('READY', member, null),
        draining: (member, reason) => this.#tell('DRAINING', member, reason),
        wantsRecycling: (member, reason) => slot && this.#replacements.recycle(slot, member, reason),
        ended: (member, end) => this.#ended(member, end),
      },
    })
    this.#alive.add(member)
    this.#tell('STARTED', member, null)
    return member
  }

  #ended(member: MemberProcess, end: MemberEnd): void {
    this.#alive.delete(member)
    this.#tell('ENDED', member, end.reason, end)
    if (this.#failStart !== null && !member.wasReady) this.#failStart(startErrorOf(member, end))
    else this.#slots[member.order.number - 1]?.ended(member, end)
  }

  #gaveUp(member: MemberStatus, earlyEnds: number): void {
    const reason = `It ended early ${earlyEnds} times in a row.`
    this.#changes.tell({ at: this.#clock.now(), change: 'GIVEN_UP', member, reason })
    if (!this.#slots.every((each) => each.isGivenUp)) return
    this.#fail(new StartError('MEMBERS_GIVEN_UP', 'All members ended too often to be started again.'))
  }

  #tell(change: MemberChange, member: MemberProcess, reason: string | null, end: MemberEnd | null = null): void {
    const lastEnd = end ?? this.#slots[member.order.number - 1]?.lastEnd ?? null
    this.#changes.tell({ at: this.#clock.now(), change, member: member.status(lastEnd), reason })
  }
}

function startErrorOf(member: MemberProcess, end: MemberEnd): StartError {
  if (member.failure !== null) return new StartError(member.failure.code, member.failure.message)
  return new StartError('MEMBER_NOT_READY', `Member ${member.order.number} did not start. ${end.reason}`)
}

function stoppedAtStart(): StartError {
  return new StartError('START_STOPPED', 'The members were stopped before all of them were ready.')
}
