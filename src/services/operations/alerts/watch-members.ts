import type { AlertReading } from '../../../core/alerts.ts'
import type { Clock } from '../../../core/clock.ts'
import type { MemberChanged, MemberEnd } from '../../../core/cluster.ts'
import type { Alarms } from '../../../ports/alarms.ts'

export interface WatchMembersOptions {
  readonly alarms: Pick<Alarms, 'set'>
  readonly clock: Clock
}

/** Raises `MEMBER_FAILED` and `MEMBER_GIVEN_UP`, for the process that supervises the members. */
export interface WatchedMembers extends Disposable {
  /** To be called with each change, in order. */
  hear(change: MemberChanged): void
}

/** A place whose process has failed. */
interface Failure {
  readonly end: MemberEnd
  /** Since when its successor has served; `null` until it does. */
  servingSince: number | null
}

/** How long a successor must have served until the failure of the one before is over, in ms. */
const settledMs = 60_000
const everyMs = 1_000

const faults: ReadonlySet<MemberEnd['kind']> = new Set(['CRASHED', 'SILENT', 'START_FAILED'])

export function watchMembers({ alarms, clock }: WatchMembersOptions): WatchedMembers {
  const failures = new Map<number, Failure>()
  const givenUp = new Set<number>()

  function tell(): void {
    alarms.set('MEMBER_FAILED', failures.size === 0 ? null : readFailures(failures))
    alarms.set('MEMBER_GIVEN_UP', givenUp.size === 0 ? null : readGivenUp(givenUp))
  }

  function settle(): void {
    const now = clock.now()
    for (const [number, { servingSince }] of failures)
      if (servingSince !== null && now - servingSince >= settledMs) failures.delete(number)
    tell()
  }

  const timer = setInterval(settle, everyMs)
  timer.unref()

  return {
    hear({ change, at, member: { number, lastEnd } }) {
      if (change === 'ENDED' && lastEnd !== null && faults.has(lastEnd.kind)) {
        // So that the places stand in the order in which they failed.
        failures.delete(number)
        failures.set(number, { end: lastEnd, servingSince: null })
      }
      const failure = failures.get(number)
      if (change === 'READY' && failure !== undefined) failure.servingSince = at
      if (change === 'STARTED' || change === 'READY') givenUp.delete(number)
      if (change === 'GIVEN_UP') {
        failures.delete(number)
        givenUp.add(number)
      }
      tell()
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** Why a process ended is left out: its own last words may be part of that, and alerts go out of the house. */
function readFailures(failures: ReadonlyMap<number, Failure>): AlertReading {
  const told = [...failures].map(([number, { end }]) => `Member ${number} ended: ${end.kind}, ${describe(end)}.`)
  return { value: failures.size, limit: 0, unit: 'COUNT', message: told.toReversed().join(' ') }
}

function describe({ code, signal }: MemberEnd): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`
}

function readGivenUp(givenUp: ReadonlySet<number>): AlertReading {
  const which = [...givenUp].toSorted((one, other) => one - other).join(', ')
  const message = `Not started again, since it ended early too often: member ${which}.`
  return { value: givenUp.size, limit: 0, unit: 'COUNT', message }
}
