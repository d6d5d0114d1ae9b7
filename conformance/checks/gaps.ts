import type { Bench, Check } from '../bench.ts'
import { at } from '../json.ts'
import type { Operation, Transport } from '../target.ts'
import { must, mustEqual, show } from '../violation.ts'
import { nextOf, openWatch, refusalOf, type Resume, takeNumbers } from '../watch.ts'
import { eachTransport } from './each-transport.ts'

/** A cursor that the log of an operation cannot honour, and why not. */
interface BadCursor {
  readonly operation: Operation
  readonly after: string
  readonly code: 'CURSOR_EPOCH' | 'CURSOR_AHEAD' | 'CURSOR_EXPIRED'
}

async function placeOf(bench: Bench, transport: Transport, operation: Operation): Promise<string> {
  const watch = await openWatch(bench, transport, operation)
  const { cursor, payload } = await nextOf(watch)
  watch.close()
  must(cursor !== null, `a snapshot without a cursor: ${show(payload)}`)
  return cursor
}

/** The cursor of one log on another: the finished one's on an open one, whose topic was written. */
async function cursorOfAnother(bench: Bench): Promise<BadCursor> {
  const log = bench.openLog()
  await log.trigger()
  const { end } = await bench.finishedLog()
  return { operation: log.operation, after: end, code: 'CURSOR_EPOCH' }
}

/** A cursor with the epoch of its log and an offset that this will not reach. */
async function cursorAhead(bench: Bench, transport: Transport): Promise<BadCursor> {
  const log = bench.openLog()
  await log.trigger()
  const place = await placeOf(bench, transport, log.operation)
  const after = place.replace(/[^.]*$/, 'zzzzzz')
  return { operation: log.operation, after, code: 'CURSOR_AHEAD' }
}

/** The cursor of events that were forgotten since. */
async function expiredCursor(bench: Bench, transport: Transport): Promise<BadCursor> {
  const log = bench.openLog()
  await log.trigger()
  const after = await placeOf(bench, transport, log.operation)
  await log.triggerMany(2)
  await log.expire()
  return { operation: log.operation, after, code: 'CURSOR_EXPIRED' }
}

/** With `onGap: "snapshot"`, and by default. */
async function opensWithASnapshot(bench: Bench, transport: Transport, { operation, after }: BadCursor): Promise<void> {
  for (const resume of [{ after }, { after, onGap: 'snapshot' }]) {
    const watch = await openWatch(bench, transport, operation, resume)
    const { payload, cursor } = await nextOf(watch)
    must(at(payload, 'errors') === undefined, `an error in the place of a snapshot: ${show(payload)}`)
    const expected = { cursor, status: 'snapshot', gap: true, replayed: 0 }
    mustEqual(at(payload, 'extensions', 'resume'), expected, `the opening of a stream with ${show(resume)}`)
    must(cursor !== null && cursor !== after, `the cursor of the snapshot: ${show(cursor)}`)
    watch.close()
    await isGood(bench, transport, operation, cursor)
  }
}

async function isGood(bench: Bench, transport: Transport, operation: Operation, after: string): Promise<void> {
  const again = await openWatch(bench, transport, operation, { after, onGap: 'error' })
  const nothing = await again.next(transport === 'poll' ? 200 : 300).catch(() => null)
  again.close()
  const errors = at(nothing?.payload, 'errors')
  must(errors === undefined, `the cursor of the snapshot cannot be resumed: ${show(errors)}`)
}

async function isRefused(bench: Bench, transport: Transport, bad: BadCursor): Promise<void> {
  const resume = { after: bad.after, onGap: 'error' }
  const { code, status, answers } = await refusalOf(bench, transport, bad.operation, resume)
  mustEqual(code, bad.code, 'the code under `onGap: "error"`')
  if (transport === 'poll') mustEqual(status, 410, 'the HTTP status')
  mustEqual(
    answers.map(({ cursor }) => cursor),
    [null],
    'the cursors of the answers that refuse',
  )
}

async function goesOnLive(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  await log.trigger()
  const { end } = await bench.finishedLog()
  const watch = await openWatch(bench, transport, log.operation, { after: end })
  await nextOf(watch)
  const number = await log.trigger()
  mustEqual(await takeNumbers(watch, log, 1), [number], 'the event after the snapshot that stands for a gap')
}

const malformed = ['', 'c1', 'c1.nonsense', 'c2.AAAAAAAAAAAA.1', 'c1.AAAAAAAAAAAA.-1', 'c1.AAAAAAAAAAAA.1 ', 'Earliest']

async function malformedIsRefused(bench: Bench, transport: Transport): Promise<void> {
  const { operation } = bench.openLog()
  const cursors = [...malformed, `c1.AAAAAAAAAAAA.${'1'.repeat(60)}`, 'c1.🌊🌊🌊🌊🌊🌊🌊🌊.1']
  for (const after of cursors) {
    // Also where a gap would be taken.
    const { code, status } = await refusalOf(bench, transport, operation, { after, onGap: 'snapshot' })
    mustEqual(code, 'CURSOR_INVALID', `the code for the cursor ${show(after)}`)
    if (transport === 'poll') mustEqual(status, 400, `the HTTP status for the cursor ${show(after)}`)
  }
}

const wrongResumes: readonly (readonly [resume: unknown, code: string])[] = [
  [{ onGap: 'ignore' }, 'BAD_REQUEST'],
  [{ after: 'now', onGap: null }, 'BAD_REQUEST'],
  [[], 'BAD_REQUEST'],
  ['now', 'BAD_REQUEST'],
  [{ after: 7 }, 'CURSOR_INVALID'],
  [{ after: {} }, 'CURSOR_INVALID'],
]

async function wrongShapesAreRefused(bench: Bench, transport: Transport): Promise<void> {
  const { operation } = bench.openLog()
  for (const [resume, expected] of wrongResumes) {
    // What is sent is wrong on purpose.
    const { code, status } = await refusalOf(bench, transport, operation, resume as Resume)
    mustEqual(code, expected, `the code for \`resume\` ${show(resume)}`)
    if (transport === 'poll') mustEqual(status, 400, `the HTTP status for \`resume\` ${show(resume)}`)
  }
}

async function unknownMembersAreIgnored(bench: Bench, transport: Transport): Promise<void> {
  const { operation } = await bench.finishedLog()
  const watch = await openWatch(bench, transport, operation, { after: 'earliest', later: { version: 2 } })
  const { payload } = await nextOf(watch)
  mustEqual(at(payload, 'errors'), undefined, 'errors because of a member that nobody knows')
}

type Provoke = (bench: Bench, transport: Transport) => Promise<BadCursor>

const gaps: readonly (readonly [name: string, rule: string, cursor: string, provoke: Provoke])[] = [
  ['epoch', 'G1', 'of another log', cursorOfAnother],
  ['ahead', 'G2', 'beyond the end', cursorAhead],
  ['expired', 'G3', 'of events that were forgotten', expiredCursor],
]

const gapPairs = gaps.flatMap(([name, rule, cursor, provoke]) => [
  ...eachTransport({
    id: `gap.${name}`,
    rule,
    level: 'MUST',
    says: `a cursor ${cursor} opens with a snapshot that says so`,
    run: async (bench, transport) => opensWithASnapshot(bench, transport, await provoke(bench, transport)),
  }),
  ...eachTransport({
    id: `gap.${name}.error`,
    rule: 'G4',
    level: 'MUST',
    says: `a cursor ${cursor} is refused under \`onGap: "error"\`, with its code`,
    run: async (bench, transport) => isRefused(bench, transport, await provoke(bench, transport)),
  }),
])

const rows = [
  ['gap.live', 'G5', 'a stream goes on live after the snapshot that stands for a gap', goesOnLive],
  ['gap.malformed', 'G6', 'a malformed cursor is refused with `CURSOR_INVALID` in any case', malformedIsRefused],
  [
    'resume.shape',
    'R1',
    '`resume` of a wrong form is refused with `BAD_REQUEST` or `CURSOR_INVALID`',
    wrongShapesAreRefused,
  ],
  ['resume.unknown', 'R2', 'unknown members of `resume` change nothing', unknownMembersAreIgnored],
] as const

export const gapChecks: readonly Check[] = [
  ...gapPairs,
  ...rows.flatMap(([id, rule, says, run]) => eachTransport({ id, rule, level: 'MUST', says, run })),
]
