import type { Bench, Check } from '../bench.ts'
import { at } from '../json.ts'
import type { Transport } from '../target.ts'
import { must, mustEqual, show } from '../violation.ts'
import { nextEventOf, nextOf, openWatch, takeNumbers, upTo } from '../watch.ts'
import { eachTransport } from './each-transport.ts'

const shape = /^c1\.[A-Za-z0-9_-]{8,20}\.[0-9a-z]{1,11}$/

/** What the events of a finished log are named by, over a transport. */
async function finishedCursors(bench: Bench, transport: Transport): Promise<readonly (string | null)[]> {
  const { operation } = await bench.finishedLog()
  const watch = await openWatch(bench, transport, operation, { after: 'earliest' })
  const cursors: (string | null)[] = []
  for (let answer = await watch.next(); answer !== null; answer = await watch.next()) cursors.push(answer.cursor)
  return cursors
}

async function cursorsHaveTheirShape(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  const watch = await openWatch(bench, transport, log.operation)
  const snapshot = await nextOf(watch)
  await log.trigger()
  const event = await nextEventOf(watch, log)
  for (const { cursor, payload } of [snapshot, event]) {
    must(cursor !== null, `an answer without a cursor: ${show(payload)}`)
    must(cursor.length <= 40, `a cursor of ${cursor.length} characters: ${cursor}`)
    must(shape.test(cursor), `a cursor of another form: ${cursor}`)
  }
}

async function eventsHaveOneName(bench: Bench, transport: Transport): Promise<void> {
  const { events } = await bench.finishedLog()
  const cursors = await finishedCursors(bench, transport)
  mustEqual(
    cursors,
    events.map(({ cursor }) => cursor),
    'cursors of a log that was read before',
  )
  mustEqual(new Set(cursors).size, cursors.length, 'different cursors among those')
}

async function earliestReadsFromTheOldest(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  await log.triggerMany(3)
  const watch = await openWatch(bench, transport, log.operation, { after: 'earliest' })
  const first = await nextEventOf(watch, log)
  mustEqual([first.number, ...(await takeNumbers(watch, log, 2))], upTo(3), 'the events from `earliest` on')
}

async function nowReadsFromTheSnapshot(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  await log.triggerMany(2)
  for (const after of ['now', null]) {
    const watch = await openWatch(bench, transport, log.operation, { after })
    const { payload } = await nextOf(watch)
    mustEqual(at(payload, 'extensions', 'resume', 'status'), 'fresh', `the status of a stream after ${show(after)}`)
    const number = await log.trigger()
    mustEqual(await takeNumbers(watch, log, 1), [number], `the events of a stream after ${show(after)}`)
    watch.close()
  }
}

async function blankTopicsAreResumed(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  const before = await openWatch(bench, transport, log.operation)
  const { cursor } = await nextOf(before)
  before.close()
  await log.triggerMany(2)
  const watch = await openWatch(bench, transport, log.operation, { after: cursor, onGap: 'error' })
  const first = await nextOf(watch)
  mustEqual(log.numberOf(first.payload), 1, 'the first event after the cursor of a topic that was never written')
  mustEqual(at(first.payload, 'extensions', 'resume', 'gap'), false, 'its `gap`')
  mustEqual(await takeNumbers(watch, log, 1), [2], 'the event after it')
}

export const cursorChecks: readonly Check[] = [
  ...eachTransport({
    id: 'cursor.shape',
    rule: 'C1',
    level: 'MUST',
    says: 'a cursor has the form of the grammar and at most 40 characters',
    run: cursorsHaveTheirShape,
  }),
  ...eachTransport({
    id: 'cursor.same',
    rule: 'C2',
    level: 'MUST',
    says: 'an event has one cursor, for everybody and over every transport, and no other event has it',
    run: eventsHaveOneName,
  }),
  ...eachTransport({
    id: 'cursor.earliest',
    rule: 'C3',
    level: 'MUST',
    says: '`earliest` reads from the oldest event that is kept',
    run: earliestReadsFromTheOldest,
  }),
  ...eachTransport({
    id: 'cursor.now',
    rule: 'C4',
    level: 'MUST',
    says: '`now`, and `null`, read as without a cursor',
    run: nowReadsFromTheSnapshot,
  }),
  ...eachTransport({
    id: 'cursor.blank',
    rule: 'C6',
    level: 'MUST',
    says: 'the cursor of a topic that was never written resumes before its first event',
    run: blankTopicsAreResumed,
  }),
]
