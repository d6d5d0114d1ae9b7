import type { Bench, Check } from '../bench.ts'
import { at, isObject } from '../json.ts'
import type { Transport } from '../target.ts'
import { must, mustEqual, show } from '../violation.ts'
import { type Answer, nextEventOf, nextOf, openWatch, take, takeNumbers, upTo } from '../watch.ts'
import { eachTransport } from './each-transport.ts'

const resumeOf = ({ payload }: Answer): unknown => at(payload, 'extensions', 'resume')

async function everyAnswerHasItsPlace(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  const watch = await openWatch(bench, transport, log.operation)
  const answers = [await nextOf(watch)]
  for (let round = 0; round < 2; round += 1) {
    await log.trigger()
    answers.push(await nextEventOf(watch, log))
  }
  for (const { payload, cursor } of answers) must(cursor !== null, `an answer without a cursor: ${show(payload)}`)
  mustEqual(new Set(answers.map(({ cursor }) => cursor)).size, 3, 'different cursors of a snapshot and two events')
}

async function onlyTheFirstTellsHowItOpened(bench: Bench, transport: Transport): Promise<void> {
  const { operation, events } = await bench.finishedLog()
  const answers = await take(await openWatch(bench, transport, operation, { after: 'earliest' }), events.length)
  for (const [index, answer] of answers.entries()) {
    const told = ['status', 'gap', 'replayed'].filter((name) => at(resumeOf(answer), name) !== undefined)
    mustEqual(told.length, index === 0 ? 3 : 0, `members that tell of the opening in answer ${index + 1}`)
  }
}

async function freshStreamsOpenWithASnapshot(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  await log.triggerMany(2)
  const first = await nextOf(await openWatch(bench, transport, log.operation))
  must(isObject(at(first.payload, 'data')), `no data in the snapshot: ${show(first.payload)}`)
  mustEqual(resumeOf(first), { cursor: first.cursor, status: 'fresh', gap: false, replayed: 0 }, 'the opening')
}

async function recoveredStreamsTellHowMuch(bench: Bench, transport: Transport): Promise<void> {
  const { operation, events } = await bench.finishedLog()
  for (const [index, { cursor }] of events.slice(0, -1).slice(-20).entries()) {
    const from = Math.max(0, events.length - 21) + index
    const watch = await openWatch(bench, transport, operation, { after: cursor, onGap: 'error' })
    const first = await nextOf(watch)
    watch.close()
    const expected = {
      cursor: events[from + 1]?.cursor,
      status: 'recovered',
      gap: false,
      replayed: events.length - from - 1,
    }
    mustEqual(resumeOf(first), expected, `the opening of a stream after event ${from + 1} of ${events.length}`)
  }
}

async function eachEventOnceInOrder(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  await log.triggerMany(4)
  const watch = await openWatch(bench, transport, log.operation, { after: 'earliest' })
  const making = log.triggerMany(6)
  // What goes wrong with it is told below, when it is awaited.
  making.catch(() => undefined)
  const numbers = await takeNumbers(watch, log, 10)
  await making
  mustEqual(numbers, upTo(10), 'the events of a stream that opened while more were made')
  await log.trigger()
  mustEqual(await takeNumbers(watch, log, 1), [11], 'the event after these')
}

async function nothingIsLostBehindTheSnapshot(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  const making = log.triggerMany(12)
  making.catch(() => undefined)
  const opened: { readonly cursor: string | null; readonly first: number | null }[] = []
  while (log.made < 9) {
    const watch = await openWatch(bench, transport, log.operation)
    const { cursor } = await nextOf(watch)
    const first = log.made >= 12 ? null : (await takeNumbers(watch, log, 1))[0]
    watch.close()
    opened.push({ cursor, first: first ?? null })
  }
  await making
  for (const { cursor, first } of opened) {
    if (first === null) continue
    const again = await openWatch(bench, transport, log.operation, { after: cursor, onGap: 'error' })
    mustEqual(
      await takeNumbers(again, log, 12 - first + 1),
      upTo(12, first),
      'the events after the place of a snapshot',
    )
    again.close()
  }
}

async function theLastEventCompletes(bench: Bench, transport: Transport): Promise<void> {
  const { operation, events } = await bench.finishedLog()
  const watch = await openWatch(bench, transport, operation, { after: 'earliest' })
  const answers = await take(watch, events.length)
  mustEqual(answers.at(-1)?.cursor, events.at(-1)?.cursor, 'the cursor of the last event')
  const more = await watch.next()
  must(more === null, `an answer after the last event of the log: ${show(more?.payload)}`)
}

async function aFinishedLogOpensAndCompletes(bench: Bench, transport: Transport): Promise<void> {
  const { operation, end } = await bench.finishedLog()
  const watch = await openWatch(bench, transport, operation)
  const snapshot = await nextOf(watch)
  mustEqual(resumeOf(snapshot), { cursor: end, status: 'fresh', gap: false, replayed: 0 }, 'the opening')
  const more = await watch.next()
  must(more === null, `an answer after the snapshot of a finished log: ${show(more?.payload)}`)
}

async function theEndIsResumedWithNothing(bench: Bench, transport: Transport): Promise<void> {
  const { operation, end } = await bench.finishedLog()
  for (const onGap of ['snapshot', 'error']) {
    const watch = await openWatch(bench, transport, operation, { after: end, onGap })
    const answer = await watch.next()
    must(answer === null, `an answer at the end of a finished log: ${show(answer?.payload)}`)
  }
}

async function theSameForAll(bench: Bench, transport: Transport): Promise<void> {
  const { operation, events } = await bench.finishedLog()
  const answers = await take(await openWatch(bench, transport, operation, { after: 'earliest' }), events.length)
  mustEqual(
    answers.map(({ payload }) => at(payload, 'data')),
    events.map(({ payload }) => at(payload, 'data')),
    'the data of a log that was read before',
  )
}

/** Of every plane, with what JSON escapes and what ends a line of an event stream. */
const hardText = '🌊👩‍👩‍👧 "ä" \\ \n\r\n\t\u2028 ﻿ data: id: c1 \u007F 漢'

async function textsComeBack(bench: Bench, transport: Transport): Promise<void> {
  const log = bench.openLog()
  const watch = await openWatch(bench, transport, log.operation)
  await nextOf(watch)
  const large = `${hardText}${'🌊x'.repeat(Math.ceil(bench.target.largeText / 3))}`
  for (const text of [hardText, large]) {
    await log.trigger(text)
    const { payload } = await nextEventOf(watch, log)
    const found = JSON.stringify(at(payload, 'data')).includes(JSON.stringify(text).slice(1, -1))
    must(found, `a text of ${text.length} characters did not come back as it was: ${show(at(payload, 'data'))}`)
  }
}

const rows = [
  ['answer.cursor', 'A1', 'every answer of a subscription has a cursor', everyAnswerHasItsPlace],
  ['answer.opening', 'A2', '`status`, `gap` and `replayed` are on the first answer only', onlyTheFirstTellsHowItOpened],
  ['answer.fresh', 'A3', 'without a cursor a stream opens with a snapshot', freshStreamsOpenWithASnapshot],
  ['answer.recovered', 'A4', 'after a cursor comes the next event; `replayed` counts', recoveredStreamsTellHowMuch],
  ['answer.order', 'A5', 'each event comes once and in order', eachEventOnceInOrder],
  ['answer.handover', 'A6', 'no event is lost between a snapshot and what follows', nothingIsLostBehindTheSnapshot],
  ['answer.same', 'A7', 'an event has the same data over every transport', theSameForAll],
  ['answer.text', 'A8', 'texts of every plane and large ones come back as they were', textsComeBack],
  ['end.complete', 'E1', 'the operation completes after the last event of its log', theLastEventCompletes],
  ['end.fresh', 'E2', 'a finished log opens with its snapshot and completes', aFinishedLogOpensAndCompletes],
  ['end.resume', 'E3', 'at the end of a finished log a resume completes without an answer', theEndIsResumedWithNothing],
] as const

export const answerChecks: readonly Check[] = rows.flatMap(([id, rule, says, run]) =>
  eachTransport({ id, rule, level: 'MUST', says, run }, id === 'answer.opening' ? ['ws', 'sse'] : undefined),
)
