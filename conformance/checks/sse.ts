import type { Bench, Check } from '../bench.ts'
import { at, parseJson, textAt } from '../json.ts'
import { getOf, postOf } from '../request-of.ts'
import type { Headers, Operation } from '../target.ts'
import { must, mustEqual, show } from '../violation.ts'
import { codeOf } from '../watch.ts'
import { exchange } from '../wire/http.ts'
import { dataOf, fieldOf, namesOf, openSse, type SseBlock, type SseWire } from '../wire/sse.ts'

const payloadOf = (block: SseBlock | null): unknown => (block === null ? null : parseJson(dataOf(block)))
const cursorOf = (block: SseBlock | null) => textAt(payloadOf(block), 'extensions', 'resume', 'cursor')

function get(bench: Bench, operation: Operation, more: Headers = {}, headers: Headers = {}): Promise<SseWire> {
  return openSse(getOf(bench, operation, more, headers))
}

function post(bench: Bench, payload: unknown, headers: Headers = {}): Promise<SseWire> {
  return openSse(postOf(bench, payload, headers))
}

/** All blocks of a finished log, comments and `retry` among them. */
async function allBlocks(bench: Bench): Promise<readonly SseBlock[]> {
  const { operation } = await bench.finishedLog()
  const wire = await get(bench, operation, { after: 'earliest' })
  const blocks: SseBlock[] = []
  for (let block = await wire.next(); block !== null; block = await wire.next()) blocks.push(block)
  return blocks
}

async function hasTheHeaders(bench: Bench): Promise<void> {
  const { operation } = bench.openLog()
  for (const wire of [await get(bench, operation), await post(bench, operation)]) {
    mustEqual(wire.status, 200, 'the status')
    const { headers } = wire
    must(/^text\/event-stream *(;|$)/.test(headers['content-type'] ?? ''), `content-type ${headers['content-type']}`)
    mustEqual(headers['content-encoding'], undefined, 'content-encoding')
    const caching = headers['cache-control'] ?? ''
    must(caching.includes('no-store') && caching.includes('no-transform'), `cache-control ${caching}`)
    wire.close()
  }
}

async function beginsAtOnce(bench: Bench): Promise<void> {
  const { operation } = bench.openLog()
  const wire = await get(bench, operation)
  const first = await wire.next()
  must(first !== null && /^\d+$/.test(fieldOf(first, 'retry') ?? ''), `the first block: ${show(first)}`)
  must(namesOf(first).includes(''), `no comment in the first block: ${show(first)}`)
}

async function retriesOnce(bench: Bench): Promise<void> {
  const blocks = await allBlocks(bench)
  mustEqual(blocks.filter((block) => namesOf(block).includes('retry')).length, 1, 'blocks with `retry`')
}

async function hasTwoEvents(bench: Bench): Promise<void> {
  const { events } = await bench.finishedLog()
  const names = (await allBlocks(bench)).flatMap((block) => fieldOf(block, 'event') ?? [])
  mustEqual(names, [...events.map(() => 'next'), 'complete'], 'the names of the events')
}

async function knowsItsFields(bench: Bench): Promise<void> {
  for (const block of await allBlocks(bench)) {
    const strange = namesOf(block).filter((name) => !['', 'id', 'event', 'data', 'retry'].includes(name))
    mustEqual(strange, [], 'fields that server-sent events do not have')
    const isEvent = fieldOf(block, 'event') !== null
    must(isEvent === namesOf(block).includes('data'), `an event and its data are not together: ${show(block)}`)
  }
}

async function idsAreCursors(bench: Bench): Promise<void> {
  const log = bench.openLog()
  const wire = await get(bench, log.operation)
  for (let round = 0; round < 3; round += 1) {
    const block = await wire.nextEvent()
    must(block !== null && cursorOf(block) !== null, `an answer without a cursor: ${show(block)}`)
    mustEqual(fieldOf(block, 'id'), cursorOf(block), '`id` of an answer')
    await log.trigger()
  }
}

async function idsAreOnAnswersOnly(bench: Bench): Promise<void> {
  const { target } = bench
  const blocks = [
    ...(await allBlocks(bench)),
    ...(await (await post(bench, target.profile.query)).rest()),
    ...(await (await post(bench, { query: '{' })).rest()),
    ...(await (await post(bench, { ...bench.openLog().operation, extensions: { resume: { after: 'c1.no' } } })).rest()),
  ]
  for (const block of blocks) {
    if (cursorOf(block) !== null) continue
    must(!namesOf(block).includes('id'), `an \`id\` where there is no cursor: ${show(block)}`)
  }
}

async function completeHasData(bench: Bench): Promise<void> {
  const last = (await allBlocks(bench)).at(-1)
  mustEqual(
    last,
    [
      ['event', 'complete'],
      ['data', ''],
    ],
    'the last block',
  )
}

async function placesHaveAnOrder(bench: Bench): Promise<void> {
  const { operation, events } = await bench.finishedLog()
  const [one, two] = events.map(({ cursor }) => cursor ?? '')
  must(one !== undefined && two !== undefined && events.length > 2, 'the finished log has fewer than three events')
  const extensions = JSON.stringify({ resume: { after: one } })
  const starts: readonly (readonly [expected: number, what: string, more: Headers, headers: Headers])[] = [
    [0, '`?after=` alone', { after: 'earliest' }, {}],
    [1, '`extensions` beside `?after=`', { after: 'earliest', extensions }, {}],
    [2, '`Last-Event-ID` beside both', { after: 'earliest', extensions }, { 'last-event-id': two }],
    [0, 'an empty `Last-Event-ID` beside `?after=`', { after: 'earliest' }, { 'last-event-id': '' }],
  ]
  for (const [expected, what, more, headers] of starts) {
    const wire = await get(bench, operation, more, headers)
    mustEqual(cursorOf(await wire.nextEvent()), events[expected]?.cursor, `the first event after ${what}`)
    wire.close()
  }
}

async function postsHavePlacesToo(bench: Bench): Promise<void> {
  const { operation, events } = await bench.finishedLog()
  const first = events[0]?.cursor ?? ''
  const payload = { ...operation, extensions: { resume: { after: 'earliest' } } }
  const wire = await post(bench, payload, { 'last-event-id': first })
  mustEqual(cursorOf(await wire.nextEvent()), events[1]?.cursor, 'the first event after `Last-Event-ID` of a POST')
}

const refusals: readonly (readonly [what: string, resume: unknown, status: number, code: string])[] = [
  ['a malformed cursor', { after: 'c1.nonsense' }, 400, 'CURSOR_INVALID'],
  ['a `resume` of a wrong form', [], 400, 'BAD_REQUEST'],
]

async function getsAreRefusedWithAStatus(bench: Bench): Promise<void> {
  const { operation } = bench.openLog()
  const { end } = await bench.finishedLog()
  // A topic that was never written has no epoch that the cursor could miss.
  const log = bench.openLog()
  await log.trigger()
  const cases = [
    ...refusals.map((refusal) => [...refusal, operation] as const),
    ['a cursor of another log', { after: end, onGap: 'error' }, 410, 'CURSOR_EPOCH', log.operation] as const,
  ]
  for (const [what, resume, status, code, asked] of cases) {
    const answer = await exchange(getOf(bench, asked, { extensions: JSON.stringify({ resume }) }, {}))
    mustEqual([answer.status, codeOf(answer.json)], [status, code], `status and code for ${what}`)
  }
  const invalid = await exchange(getOf(bench, { query: 'subscription { noSuchFieldAnywhere }' }, {}, {}))
  mustEqual(invalid.status, 400, 'the status for a document that is not valid')
  must(Array.isArray(at(invalid.json, 'errors')), `no errors in the answer: ${show(invalid.text)}`)
}

async function postsAreRefusedWithEvents(bench: Bench): Promise<void> {
  const { operation } = bench.openLog()
  for (const [what, resume, , code] of refusals) {
    const wire = await post(bench, { ...operation, extensions: { resume } })
    mustEqual(wire.status, 200, `the status for ${what}`)
    const events = await wire.rest()
    mustEqual(
      events.map((event) => fieldOf(event, 'event')),
      ['next', 'complete'],
      `the events for ${what}`,
    )
    mustEqual(codeOf(payloadOf(events[0] ?? null)), code, `the code for ${what}`)
  }
}

async function theEndStopsAGet(bench: Bench): Promise<void> {
  const { operation, end } = await bench.finishedLog()
  for (const [more, headers] of [
    [{ after: end }, {}],
    [{}, { 'last-event-id': end }],
  ] as const) {
    const answer = await exchange(getOf(bench, operation, more, headers))
    mustEqual([answer.status, answer.text], [204, ''], 'status and body of a GET at the end of a finished log')
  }
}

async function theEndCompletesAPost(bench: Bench): Promise<void> {
  const { operation, end } = await bench.finishedLog()
  const wire = await post(bench, operation, { 'last-event-id': end })
  mustEqual(wire.status, 200, 'the status of a POST at the end of a finished log')
  mustEqual(
    await wire.rest(),
    [
      [
        ['event', 'complete'],
        ['data', ''],
      ],
    ],
    'its events',
  )
}

async function getsChangeNothing(bench: Bench): Promise<void> {
  const answer = await exchange(getOf(bench, bench.openLog().triggerPayload('by GET'), {}, {}))
  mustEqual(answer.status, 405, 'the status of a mutation with GET')
}

async function queriesAreOneAnswer(bench: Bench): Promise<void> {
  const { query } = bench.target.profile
  for (const wire of [await get(bench, query), await post(bench, query)]) {
    const events = await wire.rest()
    mustEqual(
      events.map((event) => fieldOf(event, 'event')),
      ['next', 'complete'],
      'the events of a query',
    )
    const payload = payloadOf(events[0] ?? null)
    must(at(payload, 'data') !== undefined, `the answer to a query has no data: ${show(payload)}`)
    mustEqual(at(payload, 'extensions', 'resume'), undefined, '`resume` of the answer to a query')
  }
}

async function beats(bench: Bench): Promise<void> {
  const wire = await get(bench, bench.openLog().operation)
  await wire.nextEvent()
  for (let beat = 0; beat < 2; beat += 1) {
    const block = await wire.next(15_000)
    must(block !== null && namesOf(block).every((name) => name === ''), `no comment, but ${show(block)}`)
  }
}

const rows = [
  ['sse.headers', 'S1', 'the headers keep proxies from holding the answer back', hasTheHeaders],
  ['sse.begin', 'S2', '`retry` and a comment come at once', beginsAtOnce],
  ['sse.retry', 'S3', '`retry` comes once', retriesOnce],
  ['sse.events', 'S4', 'events are named `next`, and `complete` at the end', hasTwoEvents],
  ['sse.fields', 'S5', 'blocks have the fields of the specification', knowsItsFields],
  ['sse.id', 'S6', '`id` of an answer is its cursor', idsAreCursors],
  ['sse.id.only', 'S7', '`id` is on nothing else', idsAreOnAnswersOnly],
  ['sse.complete', 'S8', '`complete` has an empty `data` and nothing more', completeHasData],
  ['sse.place', 'S9', '`Last-Event-ID` comes before `extensions` before `?after=`', placesHaveAnOrder],
  ['sse.place.post', 'S9', '`Last-Event-ID` of a POST comes before its body', postsHavePlacesToo],
  ['sse.refusal.get', 'S10', 'a refused GET is answered with the status of its error', getsAreRefusedWithAStatus],
  ['sse.refusal.post', 'S11', 'a refused POST is answered 200 with `next` and `complete`', postsAreRefusedWithEvents],
  ['sse.end.get', 'S12', 'a GET at the end of a finished log is answered 204', theEndStopsAGet],
  ['sse.end.post', 'S13', 'a POST at the end of a finished log is answered with `complete`', theEndCompletesAPost],
  ['sse.mutation.get', 'S14', 'a mutation with GET is answered 405', getsChangeNothing],
  ['sse.query', 'S15', 'a query is one `next` and `complete`', queriesAreOneAnswer],
] as const

export const sseChecks: readonly Check[] = [
  ...rows.map(([id, rule, says, run]): Check => ({ id, rule, level: 'MUST', says, run, parts: ['sse'] })),
  {
    id: 'sse.heartbeat',
    rule: 'S16',
    level: 'MUST',
    says: 'a comment comes at least every 15 s',
    parts: ['sse'],
    slow: true,
    run: beats,
  },
]
