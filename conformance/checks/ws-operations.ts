import type { Bench, Check } from '../bench.ts'
import { at, type JsonObject, namesIn } from '../json.ts'
import { socketOf } from '../request-of.ts'
import { must, mustEqual, show } from '../violation.ts'
import { codeOf, upTo } from '../watch.ts'
import { openAcknowledged, type WsWire } from '../wire/ws.ts'

function send(wire: WsWire, id: string, payload: unknown): void {
  wire.send({ id, type: 'subscribe', payload })
}

/** The messages up to the answer to a ping: all that what was sent before has led to at once. */
async function untilPong(wire: WsWire): Promise<readonly JsonObject[]> {
  const messages: JsonObject[] = []
  wire.send({ type: 'ping' })
  for (let message = await wire.next(); message['type'] !== 'pong'; message = await wire.next()) messages.push(message)
  return messages
}

async function runsQueries(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  send(wire, '1', bench.target.profile.query)
  const message = await wire.next()
  mustEqual([message['id'], message['type']], ['1', 'next'], 'the answer to a query')
  must(at(message, 'payload', 'data') !== undefined, `the answer to a query has no data: ${show(message)}`)
  mustEqual(at(message, 'payload', 'extensions', 'resume'), undefined, '`resume` of the answer to a query')
  mustEqual(await wire.next(), { id: '1', type: 'complete' }, 'the message after the answer')
}

async function runsMutations(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const log = bench.openLog()
  send(wire, 'watch', log.operation)
  await wire.next()
  await log.trigger()
  mustEqual(log.numberOf((await wire.next())['payload']), 1, 'the event that a mutation made')
  send(wire, 'write', log.triggerPayload('by socket'))
  const messages = [await wire.next(), await wire.next(), await wire.next()]
  const of = (id: string) => messages.filter((message) => message['id'] === id).map((message) => message['type'])
  mustEqual(of('write'), ['next', 'complete'], 'the answer to a mutation')
  const heard = messages.filter(({ id }) => id === 'watch').map(({ payload }) => log.numberOf(payload))
  mustEqual(heard, [2], 'the events that a mutation on the same socket leads to')
}

async function tellsRequestErrors(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const { operation } = bench.openLog()
  const wrong: readonly (readonly [payload: unknown, what: string])[] = [
    [{ query: '{' }, 'a document that is no GraphQL'],
    [{ query: '{ noSuchFieldAnywhere }' }, 'a document that is not valid'],
    [{ ...operation, operationName: 'Another' }, 'an operation that is not in the document'],
    [{ ...operation, extensions: { resume: 'now' } }, 'a `resume` of a wrong form'],
  ]
  for (const [payload, what] of wrong) {
    send(wire, '1', payload)
    const message = await wire.next()
    mustEqual([message['id'], message['type']], ['1', 'error'], `the answer to ${what}`)
    must(Array.isArray(message['payload']), `the payload of the error is no list: ${show(message)}`)
  }
  mustEqual(await untilPong(wire), [], 'messages after the errors')
}

async function tellsRefusals(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  send(wire, '1', { ...bench.openLog().operation, extensions: { resume: { after: 'c1.nonsense' } } })
  const message = await wire.next()
  mustEqual([message['id'], message['type']], ['1', 'next'], 'the answer to a refused operation')
  mustEqual(codeOf(message['payload']), 'CURSOR_INVALID', 'its code')
  mustEqual(await wire.next(), { id: '1', type: 'complete' }, 'the message after the refusal')
}

async function stopsAtCompletes(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const log = bench.openLog()
  for (const round of [1, 2]) {
    send(wire, '1', log.operation)
    mustEqual((await wire.next())['type'], 'next', `the answer under an id that is used for time ${round}`)
    wire.send({ id: '1', type: 'complete' })
    mustEqual(await untilPong(wire), [], 'messages after `complete` from the client')
    await log.trigger()
    mustEqual(await untilPong(wire), [], 'messages after an event that nobody watches any more')
  }
  wire.send({ id: 'never', type: 'complete' })
  mustEqual(await untilPong(wire), [], 'messages after `complete` for an id that is not there')
}

/** With all that JSON escapes, and what is one character to some and two to others. */
const hardIds = ['"', '\\', '🌊', 'a\u0000b\u001F', 'ä\u2028', '{"id":"1"}', '👩‍👩‍👧'.repeat(8), '\uD83C']

async function givesIdsBack(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const log = bench.openLog()
  for (const id of hardIds) {
    send(wire, id, log.operation)
    mustEqual((await wire.next())['id'], id, 'the id of a snapshot')
  }
  await log.trigger('🌊')
  const seen: unknown[] = []
  for (const _ of hardIds) {
    const message = await wire.next()
    mustEqual(log.numberOf(message['payload']), 1, 'the event under one of many ids')
    seen.push(message['id'])
  }
  mustEqual(new Set(seen), new Set(hardIds), 'the ids that an event came under')
}

async function addsNothingToMessages(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const { operation } = await bench.finishedLog()
  send(wire, '1', { ...operation, extensions: { resume: { after: 'earliest' } } })
  const allowed = new Set(['data', 'errors', 'extensions'])
  for (;;) {
    const message = await wire.next()
    const isNext = message['type'] === 'next'
    mustEqual(namesIn(message), isNext ? ['id', 'payload', 'type'] : ['id', 'type'], 'its members')
    const names = namesIn(message['payload'])
    must(
      names.every((name) => allowed.has(name)),
      `a payload with ${show(names)}`,
    )
    if (!isNext) return
  }
}

async function hasManyAtOnce(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const logs = [bench.openLog(), bench.openLog()]
  for (const [index, { operation }] of logs.entries()) {
    send(wire, `${index}`, operation)
    await wire.next()
  }
  const seen: Record<string, (number | null)[]> = { 0: [], 1: [] }
  for (let round = 0; round < 3; round += 1) {
    for (const log of logs) await log.trigger()
  }
  for (let count = 0; count < 6; count += 1) {
    const message = await wire.next()
    const id = String(message['id'])
    seen[id]?.push(logs[Number(id)]?.numberOf(message['payload']) ?? null)
  }
  mustEqual(seen, { 0: upTo(3), 1: upTo(3) }, 'the events under each id')
}

/** The most operations that the suite opens to find the end of a server's patience. */
const mostOperations = 300

async function boundsOperations(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const { operation } = bench.openLog()
  for (let count = 0; count < mostOperations; count += 1) send(wire, `${count}`, operation)
  let opened = 0
  let refused: string | null = null
  for (let count = 0; count < mostOperations && refused === null; count += 1) {
    const message = await wire.next()
    const code = message['type'] === 'error' ? codeOf({ errors: message['payload'] }) : codeOf(message['payload'])
    if (message['type'] === 'next' && code === null) opened += 1
    else refused = code ?? show(message)
  }
  must(refused !== null, `all of ${mostOperations} operations on a socket were opened`)
  const codes = ['TOO_MANY_OPERATIONS', 'TOO_MANY_STREAMS']
  must(codes.includes(refused), `after ${opened} operations one was refused with ${refused}`)
}

const rows = [
  ['ws.query', 'W14', 'queries run over a WebSocket', runsQueries],
  ['ws.mutation', 'W14', 'mutations run over a WebSocket', runsMutations],
  ['ws.error', 'W15', 'what is wrong with the request itself comes as `error`', tellsRequestErrors],
  ['ws.refusal', 'W16', 'a refusal comes as `next` with errors, then `complete`', tellsRefusals],
  ['ws.complete', 'W17', '`complete` from the client ends an operation and frees its id', stopsAtCompletes],
  ['ws.id.text', 'W18', 'any text is an id and comes back as it was', givesIdsBack],
  ['ws.message.members', 'W19', 'messages have no other members than the protocol gives them', addsNothingToMessages],
  ['ws.many', 'W20', 'operations on one socket do not disturb each other', hasManyAtOnce],
] as const

export const wsOperationChecks: readonly Check[] = [
  ...rows.map(([id, rule, says, run]): Check => ({ id, rule, level: 'MUST', says, run, parts: ['ws'] })),
  {
    id: 'ws.operations.most',
    rule: 'L1',
    level: 'MUST',
    says: 'operations on a socket are bounded',
    parts: ['ws'],
    alone: true,
    run: boundsOperations,
  },
]
