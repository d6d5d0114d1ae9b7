import type { ErrorCode } from '../core/errors.ts'
import type { Principal } from '../core/principal.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import type { ClientInfo } from '../services/accounts/client-info.ts'
import type { Channels } from '../services/channels/channels.ts'
import type { NoticeBoard } from '../services/channels/notices.ts'
import type { Artifacts } from '../services/jobs/artifacts.ts'
import type { Jobs } from '../services/jobs/jobs.ts'
import type { PoolStatusReader } from '../services/jobs/pool-status.ts'
import type { ReadBudget } from '../services/jobs/read-budget.ts'
import type { TaskCatalogue } from '../services/jobs/task-catalogue.ts'
import type { AlertBoard } from '../services/operations/alerts/alert-board.ts'
import type { ClusterMonitor } from '../services/operations/cluster-monitor.ts'
import type { HeapSnapshotService } from '../services/operations/heap-snapshots/heap-snapshots.ts'
import type { RuntimeSettingsService } from '../services/operations/runtime-settings.ts'
import type { SystemMonitor } from '../services/operations/system/system-monitor.ts'
import type { ResumeRequest } from '../services/streams/stream.ts'

/** The decisions that resolvers may call upon. */
export interface Services {
  readonly accounts: Accounts
  readonly alerts: AlertBoard
  readonly artifacts: Artifacts
  readonly channels: Channels
  readonly cluster: ClusterMonitor
  readonly heapSnapshots: HeapSnapshotService
  readonly jobs: Jobs
  readonly notices: NoticeBoard
  readonly pool: PoolStatusReader
  readonly runtimeSettings: RuntimeSettingsService
  readonly system: SystemMonitor
  readonly tasks: TaskCatalogue
}

/** Sets the session cookie of the answer; absent where an answer cannot carry one (WebSocket). */
export interface SessionCookieJar {
  set(value: string, expiresAt: number): void
  clear(): void
}

/** The cookie that knows a browser again: it binds challenges to it, and lets its owner in while others guess. Absent over WebSocket. */
export interface DeviceCookie {
  /** SHA-256 of the cookie's value; sets a new cookie on the answer where the browser sent none. */
  ensure(): string
}

/** Says in the head of the answer after how many seconds it is worth trying again. Absent where an answer has none (WebSocket). */
export type RetryAfter = (seconds: number) => void

/** What resolvers note of the operation that they answer, for its line in the log and its deadline. */
export interface OperationTrace {
  /** A job was submitted: entered, or there already under the idempotency key. */
  submitted(jobId: string): void
  /** A field answers with a refusal as a value; the first of them is the operation's code. */
  refusedWith(code: ErrorCode): void
  /** It may wait so many ms because its caller asked for that: the longest of these waits does not count against its deadline. */
  mayWait(ms: number): void
}

/** What a resolver knows of the request that it answers. */
export interface RequestContext {
  readonly principal: Principal
  readonly services: Services
  readonly requestId: string
  readonly client: ClientInfo
  readonly sessionCookie: SessionCookieJar | null
  readonly deviceCookie: DeviceCookie | null
  readonly retryAfter: RetryAfter | null
  /** `extensions.resume` of a subscription. */
  readonly resume: ResumeRequest | null
  /** How much output the operation may still read. */
  readonly readBudget: ReadBudget
  /** Where links to this server start, without a slash at the end. */
  readonly publicUrl: string
  /** Not given where nobody tells of the operation, as of the executions of a stream's events. */
  readonly trace?: OperationTrace | undefined
}
