import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Bench, Check, Part } from './bench.ts'
import { type FinishedLog, readFinishedLog } from './finished-log.ts'
import { createOpenLog } from './open-log.ts'
import type { Target } from './target.ts'
import { Impossible, NotAsked, Violation } from './violation.ts'

export interface RunOptions {
  readonly target: Target
  readonly checks: readonly Check[]
  /** The transports that are checked. */
  readonly only: readonly Part[]
  /** Whether the checks that take long are made too. */
  readonly slow: boolean
  /** Called with each outcome, in the order of the checks. */
  readonly onOutcome?: (outcome: Outcome) => void
  readonly signal: AbortSignal
}

export interface Outcome {
  readonly check: Check
  /** `impossible`: it should have been made and could not be; a MUST of it counts as failed. */
  readonly state: 'ok' | 'failed' | 'impossible' | 'skipped'
  /** What was seen, or why it was not made; empty when it is ok. */
  readonly note: string
}

/** How many checks are made at once. */
const lanes = 6
/** The longest that one check may take, in ms. */
const checkMs = 60_000
const slowCheckMs = 240_000

/** Whether the server is not what the outcome's rule wants. */
export function isFailure({ check, state }: Outcome): boolean {
  return check.level === 'MUST' && (state === 'failed' || state === 'impossible')
}

/** Makes the checks of the chosen parts. Never throws because of the server; throws the signal's reason when it is aborted. */
export async function runSuite(options: RunOptions): Promise<readonly Outcome[]> {
  const { checks, only, signal } = options
  const run = createRun(options)
  const chosen = checks.filter((check) => check.parts.every((part) => only.includes(part)))
  const outcomes = new Map<Check, Outcome>()
  let told = 0

  async function make(check: Check): Promise<void> {
    const outcome = check.slow === true && !options.slow ? skipped(check) : await run(check)
    outcomes.set(check, outcome)
    for (let next = nextOf(); next !== undefined; next = nextOf()) {
      told += 1
      options.onOutcome?.(next)
    }
  }

  function nextOf(): Outcome | undefined {
    const check = chosen[told]
    return check === undefined ? undefined : outcomes.get(check)
  }

  const waiting = chosen.filter(({ alone }) => alone !== true)
  const lane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      signal.throwIfAborted()
      await make(check)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  for (const check of chosen.filter(({ alone }) => alone === true)) {
    signal.throwIfAborted()
    await make(check)
  }
  return chosen.flatMap((check) => outcomes.get(check) ?? [])
}

function skipped(check: Check): Outcome {
  return { check, state: 'skipped', note: 'takes long; made with --slow' }
}

/** Makes one check after the other with what they share. */
function createRun({ target, only, signal }: RunOptions): (check: Check) => Promise<Outcome> {
  const name = `cf${randomBytes(5).toString('hex')}`
  const topics = { count: 0 }
  let finished: Promise<FinishedLog> | null = null

  function newTopic(): string {
    topics.count += 1
    return `${name}n${topics.count}`
  }

  function finishedLog(): Promise<FinishedLog> {
    finished ??= readFinishedLog({ target, signal }, newTopic(), only[0] ?? 'poll')
    return finished
  }

  return async (check) => {
    const over = new AbortController()
    const late = AbortSignal.timeout(check.slow === true ? slowCheckMs : checkMs)
    const ends = AbortSignal.any([over.signal, late, signal])
    const openLog: Bench['openLog'] = () => createOpenLog({ target, topic: newTopic(), signal: ends })
    try {
      await Promise.race([check.run({ target, signal: ends, openLog, finishedLog }), endOf(ends)])
      return { check, state: 'ok', note: '' }
    } catch (error) {
      signal.throwIfAborted()
      return late.aborted ? { check, state: 'failed', note: 'took too long' } : outcomeOf(check, error)
    } finally {
      over.abort()
    }
  }
}

/** Throws when the signal is aborted, so that no check holds up the run. */
async function endOf(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
  signal.throwIfAborted()
}

function outcomeOf(check: Check, error: unknown): Outcome {
  if (error instanceof NotAsked) return { check, state: 'skipped', note: error.message }
  if (error instanceof Violation) return { check, state: 'failed', note: error.message }
  if (error instanceof Impossible) return { check, state: 'impossible', note: error.message }
  // A mistake of the suite or the profile must not pass for one of the server.
  return { check, state: 'impossible', note: String(error) }
}
