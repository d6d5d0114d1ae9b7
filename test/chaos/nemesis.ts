import type { ChaosMill } from './chaos-mill.ts'
import type { CopyKind } from './crash-copy.ts'
import type { RedisBehindNetwork } from './deployments.ts'
import type { History } from './history.ts'
import type { Random } from './random.ts'

/** What a nemesis strikes at. */
export interface Target {
  readonly mill: ChaosMill
  /** `null` where the mill has none. */
  readonly redis: RedisBehindNetwork | null
  readonly history: Pick<History, 'note'>
  readonly random: Random
  /** Has a job run that takes so many ms. */
  occupyThread(ms: number): Promise<void>
  /** Copies the folder as a crash would leave it, and has the copy looked at meanwhile. */
  copy(kind: CopyKind): Promise<void>
}

/** One way in which the world is hostile. When `strike` resolves, the mill must be up and reachable, or on its way. */
export interface Nemesis {
  readonly does: string
  strike(target: Target): Promise<void>
}

/** A node's lease in ms; who stands still for longer has lost it. */
export const leaseMs = 6000

/** A job of so many ms is still running when a server that was asked to end has waited for it as long as it does. */
export const longJobMs = 12_000
