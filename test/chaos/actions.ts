import { setTimeout as sleep } from 'node:timers/promises'
import { isTerminal, type JobState } from '../../src/core/job.ts'
import { type Answer, type AnsweredField, askUntilAnswered } from './ask.ts'
import { drawWork } from './chaos-tasks.ts'
import type { ChaosUser } from './chaos-user.ts'
import type { History, Wish } from './history.ts'
import type { Random } from './random.ts'

/** What one client has to act with. Several may be of one user, whose jobs they share. */
export interface ActionContext {
  readonly url: string
  readonly user: ChaosUser
  readonly history: History
  readonly random: Random
  /** The user's wishes that were acknowledged, with the job as it was last seen. */
  readonly known: KnownJob[]
  /** Begins to watch a job. */
  watch(jobId: string): void
  /** A key that was never used. */
  newKey(): string
}

export interface KnownJob {
  readonly wish: Wish
  readonly jobId: string
  state: JobState
}

const shown = '... on JobAccepted { job { id state } } ... on Error { code message }'
const submitJob = `mutation ($task: String!, $input: JSON!, $options: JobOptions) {
  submitJob(task: $task, input: $input, options: $options) { ${shown} }
}`
const retryJob = `mutation ($id: ID!, $options: JobOptions) { retryJob(id: $id, options: $options) { ${shown} } }`
const cancelJob = 'mutation ($id: ID!) { cancelJob(id: $id) { id state cancelRequestedAt } }'
const readJob = 'query ($id: ID!) { job(id: $id) { id state } }'

/** Enters a new job. */
async function submit(context: ActionContext): Promise<void> {
  const { random, user, newKey } = context
  const wish: Wish = { owner: user.id, key: newKey(), ...drawWork(random), retryOf: null }
  const known = await enter(context, wish, drawOptions(random))
  if (known !== null && random.chance(0.4)) context.watch(known.jobId)
  if (known !== null && random.chance(0.15)) await cancelOne(context, known)
}

/** Sends what was acknowledged once more. */
async function submitAgain(context: ActionContext): Promise<void> {
  const known = recent(context)
  if (known !== undefined) await enter(context, known.wish, () => ({}))
}

/** Uses a key for something else. */
async function submitInConflict(context: ActionContext): Promise<void> {
  const known = recent(context)
  if (known?.wish.task !== 'chaosWork') return
  const input = { seed: -1, steps: 0, stepMs: 0, failures: 0 }
  await enter(context, { ...known.wish, input, retryOf: null }, () => ({}))
}

async function cancel(context: ActionContext): Promise<void> {
  const known = recent(context)
  if (known !== undefined) await cancelOne(context, known)
}

async function cancelOne(context: ActionContext, known: KnownJob): Promise<void> {
  const { history } = context
  const { jobId } = known
  const askedAt = history.observations.length
  const answer = await ask(context, cancelJob, () => ({ id: jobId }))
  const job = answer?.data['cancelJob']
  if (answer === null || job?.state === undefined) return unexpected(history, `The cancel of ${jobId}`, answer)
  known.state = job.state as JobState // of our own schema
  const cancelRequested = (job.cancelRequestedAt ?? null) !== null
  history.note({ type: 'cancelAnswered', jobId, state: known.state, cancelRequested, askedAt })
}

/** Does a job again that has ended. */
async function retry(context: ActionContext): Promise<void> {
  const { random, user, newKey, known } = context
  const ended = known.slice(-60).filter(({ state }) => isTerminal(state))
  if (ended.length === 0) return
  const { wish, jobId } = random.pick(ended)
  await enter(context, { ...wish, owner: user.id, key: newKey(), retryOf: jobId }, () => ({}))
}

async function read(context: ActionContext): Promise<void> {
  const known = recent(context)
  if (known !== undefined) await readOne(context, known)
}

async function readOne(context: ActionContext, known: KnownJob): Promise<void> {
  const { history } = context
  const askedAt = history.observations.length
  const answer = await ask(context, readJob, () => ({ id: known.jobId }))
  const job = answer?.data['job']
  if (answer === null || job?.state === undefined) return unexpected(history, `The reading of ${known.jobId}`, answer)
  known.state = job.state as JobState // of our own schema
  history.note({ type: 'read', jobId: known.jobId, state: known.state, askedAt })
}

/** Jobs of this priority run before all others of a run. */
export const urgent = 100

/** Enters a job that runs for so many ms, before all others; resolves when it runs. */
export async function occupyThread(context: ActionContext, ms: number): Promise<void> {
  const { user, newKey } = context
  const input = { seed: 0, steps: 12, stepMs: Math.ceil(ms / 12), failures: 0 }
  const wish: Wish = { owner: user.id, key: newKey(), task: 'chaosWork', input, retryOf: null }
  const known = await enter(context, wish, () => ({ priority: urgent }))
  const deadline = performance.now() + 10_000
  while (known !== null && isWaiting(known) && performance.now() < deadline) {
    await sleep(50)
    await readOne(context, known)
  }
}

function isWaiting({ state }: KnownJob): boolean {
  return state === 'QUEUED' || state === 'SCHEDULED'
}

/** What a client does, and how often. */
const actions = [
  { act: submit, weight: 50 },
  { act: submitAgain, weight: 10 },
  { act: submitInConflict, weight: 4 },
  { act: cancel, weight: 8 },
  { act: retry, weight: 8 },
  { act: read, weight: 20 },
]

const turns = actions.flatMap(({ act, weight }) => Array.from({ length: weight }, () => act))

/** Does one thing, chosen by chance. */
export function actOnce(context: ActionContext): Promise<void> {
  return context.random.pick(turns)(context)
}

/** Sends a wish until it is answered, with options made anew each time, and notes the answer. */
async function enter(
  context: ActionContext,
  wish: Wish,
  options: () => Readonly<Record<string, unknown>>,
): Promise<KnownJob | null> {
  const { history, known, random } = context
  const { task, input, retryOf, key } = wish
  const askedAt = history.observations.length
  const field = retryOf === null ? 'submitJob' : 'retryJob'
  const answer = await ask(context, retryOf === null ? submitJob : retryJob, () => {
    const withKey = { options: { ...options(), idempotencyKey: key } }
    return retryOf === null ? { task, input, ...withKey } : { id: retryOf, ...withKey }
  })
  const entered = answer?.data[field]
  if (entered?.job !== undefined) {
    const { id: jobId } = entered.job
    const state = entered.job.state as JobState // of our own schema
    history.note({ type: 'accepted', wish, jobId, state, askedAt })
    const job = { wish, jobId, state }
    known.push(job)
    return job
  }
  const code = entered?.code ?? null
  const isLate = code === 'INVALID_INPUT' && isTooLate(entered)
  if (answer !== null && (isLate || code === 'QUOTA_EXCEEDED' || code === 'IDEMPOTENCY_CONFLICT')) {
    history.note({ type: 'refused', wish, code, unanswered: answer.unanswered })
  } else unexpected(history, `The submit ${key} of ${task}`, answer, entered?.message)
  // Who has too many jobs waits for some to end.
  if (code === 'QUOTA_EXCEEDED') await sleep(200 + random.upTo(400))
  return null
}

/** Whether it was not entered before the end that it was given. */
function isTooLate(entered: AnsweredField | null | undefined): boolean {
  return entered?.message?.includes(' options.expiresAt: Must be a time after') === true
}

function ask(
  { url, user, random }: ActionContext,
  query: string,
  variables: () => Readonly<Record<string, unknown>>,
): Promise<Answer | null> {
  const { headers } = user
  return askUntilAnswered(() => ({ url, headers, query, variables: variables(), patienceMs: 500 + random.upTo(4000) }))
}

function unexpected(history: History, what: string, answer: Answer | null, message = 'no message'): void {
  const told = answer === null ? 'was never answered' : `was answered with ${answer.errorCode ?? message}`
  history.note({ type: 'unexpected', what: `${what} ${told}.` })
}

function recent({ known, random }: ActionContext): KnownJob | undefined {
  return known.length === 0 ? undefined : random.pick(known.slice(-30))
}

/** Options of a submit, the same at each try: a later one may come after the end that the job is given. */
function drawOptions(random: Random): () => Readonly<Record<string, unknown>> {
  const delayMs = random.chance(0.2) ? { delayMs: random.upTo(1500) } : {}
  const priority = random.chance(0.3) ? { priority: random.upTo(20) - 10 } : {}
  const tags = random.chance(0.2) ? { tags: [random.pick(['red', 'green']), 'chaos'] } : {}
  const memo = { memo: random.pick(['USE', 'USE', 'USE', 'REFRESH', 'BYPASS']) }
  const waitMs = random.chance(0.1) ? { waitMs: random.upTo(400) } : {}
  const end = random.chance(0.1) ? new Date(Date.now() + 2000 + random.upTo(2000)).toISOString() : null
  return () => ({
    ...delayMs,
    ...priority,
    ...tags,
    ...memo,
    ...waitMs,
    ...(end === null ? {} : { expiresAt: end }),
  })
}
