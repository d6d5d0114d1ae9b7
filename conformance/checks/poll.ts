import type { Bench, Check } from '../bench.ts'
import { at, textAt } from '../json.ts'
import type { OpenLog } from '../open-log.ts'
import { poll, pollType } from '../request-of.ts'
import { must, mustEqual, show } from '../violation.ts'
import { codeOf, upTo } from '../watch.ts'
import { exchange, type HttpAnswer } from '../wire/http.ts'

const ask = (log: Pick<OpenLog, 'operation'>, after: string, more: object = {}) => ({
  ...log.operation,
  extensions: { resume: { after, onGap: 'error' }, poll: { waitMs: 0, ...more } },
})

/** The items of an answer that has some. */
function itemsOf(answer: HttpAnswer): readonly unknown[] {
  const items = at(answer.json, 'items')
  must(answer.status === 200 && Array.isArray(items), `HTTP ${answer.status} ${show(answer.text)}`)
  return items
}

const numbersOf = (log: OpenLog, answer: HttpAnswer) => itemsOf(answer).map((item) => log.numberOf(at(item, 'payload')))

async function opensWithASnapshot(bench: Bench): Promise<void> {
  const log = bench.openLog()
  const answer = await poll(bench, log.operation)
  mustEqual(itemsOf(answer).length, 1, 'items of a poll without a cursor')
  must(textAt(answer.json, 'cursor') !== null, `an answer without a cursor: ${show(answer.text)}`)
  mustEqual([at(answer.json, 'upToDate'), at(answer.json, 'closed')], [true, false], '`upToDate` and `closed`')
}

async function hasTheHeaders(bench: Bench): Promise<void> {
  const { headers } = await poll(bench, bench.openLog().operation)
  must((headers['content-type'] ?? '').startsWith(pollType), `content-type ${headers['content-type']}`)
  must((headers['cache-control'] ?? '').includes('no-store'), `cache-control ${headers['cache-control']}`)
}

async function itemsAndAnswersHaveCursors(bench: Bench): Promise<void> {
  const log = bench.openLog()
  await log.triggerMany(3)
  const answer = await poll(bench, ask(log, 'earliest'))
  const items = itemsOf(answer)
  for (const item of items) {
    must(textAt(item, 'cursor') !== null, `an item without a cursor: ${show(item)}`)
    mustEqual(at(item, 'payload', 'extensions', 'resume', 'cursor'), at(item, 'cursor'), 'the cursor of a payload')
  }
  mustEqual(at(answer.json, 'cursor'), at(items.at(-1), 'cursor'), 'the cursor of the answer')
}

async function waitsForAnEvent(bench: Bench): Promise<void> {
  const log = bench.openLog()
  const after = textAt((await poll(bench, log.operation)).json, 'cursor') ?? ''
  const waiting = poll(bench, ask(log, after, { waitMs: 30_000 }))
  waiting.catch(() => undefined)
  await log.trigger()
  mustEqual(numbersOf(log, await waiting), [1], 'the events of a poll that waited')
}

async function saysThatNothingHappened(bench: Bench): Promise<void> {
  const log = bench.openLog()
  const after = textAt((await poll(bench, log.operation)).json, 'cursor') ?? ''
  for (const waitMs of [0, 100]) {
    const { status, text, headers } = await poll(bench, ask(log, after, { waitMs }))
    mustEqual([status, text], [204, ''], `status and body of a poll with waitMs ${waitMs} when nothing happened`)
    mustEqual(headers['millrace-cursor'], after, 'Millrace-Cursor')
    must((headers['cache-control'] ?? '').includes('no-store'), `cache-control ${headers['cache-control']}`)
  }
}

async function givesNoMoreThanAskedFor(bench: Bench): Promise<void> {
  const log = bench.openLog()
  await log.triggerMany(5)
  const seen: unknown[] = []
  let after = 'earliest'
  for (const upToDate of [false, false, true]) {
    const answer = await poll(bench, ask(log, after, { max: 2 }))
    const numbers = numbersOf(log, answer)
    must(numbers.length <= 2, `${numbers.length} items although \`max\` is 2`)
    mustEqual(at(answer.json, 'upToDate'), upToDate, `\`upToDate\` after ${seen.length + numbers.length} of 5 events`)
    seen.push(...numbers)
    after = textAt(answer.json, 'cursor') ?? ''
  }
  mustEqual(seen, upTo(5), 'the events of three polls')
}

async function doesNotWaitForMore(bench: Bench): Promise<void> {
  const log = bench.openLog()
  await log.triggerMany(2)
  const asked = { ...log.operation, extensions: { resume: { after: 'earliest' }, poll: { waitMs: 30_000, max: 100 } } }
  mustEqual(numbersOf(log, await poll(bench, asked)), upTo(2), 'the events of a poll that asked for more')
}

async function keepsNothing(bench: Bench): Promise<void> {
  const log = bench.openLog()
  await log.triggerMany(3)
  const both = await Promise.all([poll(bench, ask(log, 'earliest')), poll(bench, ask(log, 'earliest'))])
  const [one, two] = both.map((answer) => answer.json)
  mustEqual(one, two, 'the second of two polls with the same cursor')
}

async function isClosedByTheLast(bench: Bench): Promise<void> {
  const { operation, events, end } = await bench.finishedLog()
  const { json } = await poll(bench, ask({ operation }, events.at(-2)?.cursor ?? 'earliest'))
  mustEqual([at(json, 'closed'), at(json, 'upToDate'), at(json, 'cursor')], [true, true, end], 'the last answer')
  const after = await poll(bench, ask({ operation }, end, { waitMs: 30_000 }))
  mustEqual(after.status, 200, 'the status of a poll at the end of a finished log')
  const { items, cursor, upToDate, closed } = Object(after.json) as Record<string, unknown>
  mustEqual({ items, cursor, upToDate, closed }, { items: [], cursor: end, upToDate: true, closed: true }, 'its answer')
}

const wrongPolls = [{ waitMs: -1 }, { waitMs: 30_001 }, { waitMs: 0.5 }, { waitMs: '1' }, { max: 0 }, { max: 1_001 }]

async function refusesWrongBounds(bench: Bench): Promise<void> {
  const { operation } = bench.openLog()
  for (const wrong of [...wrongPolls, [], 'soon']) {
    const answer = await poll(bench, { ...operation, extensions: { poll: wrong } })
    mustEqual([answer.status, codeOf(answer.json)], [400, 'BAD_REQUEST'], `status and code for \`poll\` ${show(wrong)}`)
  }
}

async function refusesAsHttp(bench: Bench): Promise<void> {
  const { operation } = bench.openLog()
  const invalid = await poll(bench, { query: 'subscription { noSuchFieldAnywhere }' })
  mustEqual(invalid.status, 400, 'the status for a document that is not valid')
  const bad = await poll(bench, { ...operation, extensions: { resume: { after: 'c1.nonsense' } } })
  mustEqual([bad.status, codeOf(bad.json)], [400, 'CURSOR_INVALID'], 'status and code for a malformed cursor')
  must(Array.isArray(at(bad.json, 'errors')), `no errors in the answer: ${show(bad.text)}`)
}

async function answersQueriesPlainly(bench: Bench): Promise<void> {
  const log = bench.openLog()
  for (const operation of [bench.target.profile.query, log.triggerPayload('by poll')]) {
    const { status, headers, json, text } = await poll(bench, operation)
    mustEqual(status, 200, 'the status')
    const type = headers['content-type'] ?? ''
    must(type.startsWith('application/graphql-response+json'), `content-type ${type}`)
    must(at(json, 'data') !== undefined && at(json, 'items') === undefined, `the answer: ${show(text)}`)
  }
}

async function takesPostsOnly(bench: Bench): Promise<void> {
  const { target, signal } = bench
  const { status } = await exchange({
    url: `${target.url}?${new URLSearchParams({ query: target.profile.query.query })}`,
    method: 'GET',
    headers: { ...target.headers, accept: pollType },
    signal,
    patienceMs: target.patienceMs,
  })
  mustEqual(status, 405, 'the status of a GET')
}

const rows = [
  ['poll.fresh', 'P1', 'a poll without a cursor gives the snapshot at once', opensWithASnapshot],
  ['poll.headers', 'P2', 'answers have their media type and are not stored', hasTheHeaders],
  ['poll.cursor', 'P3', 'items have their cursors, and the answer that of the last', itemsAndAnswersHaveCursors],
  ['poll.wait', 'P4', 'a poll waits for the next event', waitsForAnEvent],
  ['poll.nothing', 'P5', 'a poll to which nothing happens is answered 204 with its cursor', saysThatNothingHappened],
  [
    'poll.max',
    'P6',
    'an answer has no more items than asked for and says that there are more',
    givesNoMoreThanAskedFor,
  ],
  ['poll.atOnce', 'P7', 'a poll that has something to tell does not wait for more', doesNotWaitForMore],
  ['poll.stateless', 'P8', 'the same poll has the same answer', keepsNothing],
  ['poll.closed', 'P9', '`closed` comes with the last event, and after it', isClosedByTheLast],
  ['poll.bounds', 'P10', '`waitMs` and `max` out of their bounds are refused', refusesWrongBounds],
  ['poll.refusal', 'P11', 'a refusal has the HTTP status of its error', refusesAsHttp],
  ['poll.plain', 'P12', 'queries and mutations are answered as GraphQL over HTTP', answersQueriesPlainly],
  ['poll.get', 'P13', 'a GET is answered 405', takesPostsOnly],
] as const

export const pollChecks: readonly Check[] = rows.map(([id, rule, says, run]) => ({
  id,
  rule,
  level: 'MUST',
  says,
  run,
  parts: ['poll'],
}))
