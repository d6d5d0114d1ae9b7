import type { Clock } from '../../../core/clock.ts'
import { onceForAll } from '../../../core/once-for-all.ts'
import type { Principal } from '../../../core/principal.ts'
import type { SystemStatus } from '../../../core/system-status.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { Members } from '../../../ports/members.ts'
import type { Store } from '../../../ports/store.ts'
import { assertMayAdminister } from '../../accounts/administration/administrator.ts'
import type { Hub, ResumeRequest, TopicStream } from '../../streams/stream.ts'
import { createStatusStream } from '../status-stream.ts'
import { readProcessStatus } from './read-process-status.ts'
import { systemTopic } from './system-event.ts'

/**
 * Tells administrators how the processes that serve together are. Both throw `UNAUTHENTICATED`, `SESSION_REVOKED` and
 * `INSUFFICIENT_SCOPE`.
 */
export interface SystemMonitor {
  status(principal: Principal): Promise<SystemStatus>
  /** The topic `system`; item bodies are `SystemEvent`. Throws what a cursor is refused with, too. */
  watch(principal: Principal, resume: ResumeRequest | null): Promise<TopicStream>
}

export interface SystemMonitorOptions {
  readonly store: Pick<Store, 'read' | 'write'>
  readonly hub: Pick<Hub, 'open' | 'isOpen'>
  readonly clock: Clock
  readonly logger: Logger
  readonly members: Pick<Members, 'askAll' | 'number'>
  /** Whether there is a primary, which then is one of the processes. */
  readonly isSupervised: boolean
}

/** How long a process may take to answer, in ms. */
const answerMs = 1_500

/** Close it to stop sampling for those who watch. */
export function createSystemMonitor(options: SystemMonitorOptions): SystemMonitor & AsyncDisposable {
  const collect = onceForAll(() => askProcesses(options))
  const stream = createStatusStream({ ...options, topic: systemTopic, collect })

  return {
    async status(principal) {
      assertMayAdminister(principal)
      return collect()
    },
    async watch(principal, resume) {
      assertMayAdminister(principal)
      return stream.open(resume)
    },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  }
}

/** Asks all processes; those that do not answer, or answer something else, are silent. */
async function askProcesses({ members, clock, isSupervised }: SystemMonitorOptions): Promise<SystemStatus> {
  const at = clock.now()
  const answers = (await members.askAll('status', answerMs)).map(({ number, answer }) => ({
    number,
    status: readProcessStatus(number, answer),
  }))
  const numbers = new Set(answers.map(({ number }) => number))
  // Without the primary nobody knows of the others.
  const unasked = [...(isSupervised ? [0] : []), members.number].filter((number) => !numbers.has(number))
  const silent = [...unasked, ...answers.flatMap(({ number, status }) => (status === null ? [number] : []))]
  return {
    at,
    processes: answers
      .flatMap(({ status }) => (status === null ? [] : [status]))
      .toSorted((one, other) => one.number - other.number),
    silent: silent.toSorted((one, other) => one - other),
  }
}
