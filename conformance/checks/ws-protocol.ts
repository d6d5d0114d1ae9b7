import type { Bench, Check, Level } from '../bench.ts'
import { at, type JsonObject } from '../json.ts'
import { socketOf } from '../request-of.ts'
import { must, mustEqual, show, Violation } from '../violation.ts'
import { NotOpened, openAcknowledged, openWs, type WsWire } from '../wire/ws.ts'

async function isClosedWith(wire: WsWire, code: number, after: string, patienceMs?: number): Promise<void> {
  const closing = await wire.closed(patienceMs)
  mustEqual(closing.code, code, `the close code after ${after}`)
}

async function takesTheSubprotocol(bench: Bench): Promise<void> {
  const wire = await openWs(socketOf(bench))
  mustEqual(wire.socket.protocol, 'graphql-transport-ws', 'the subprotocol')
  wire.send({ type: 'connection_init' })
  mustEqual((await wire.next())['type'], 'connection_ack', 'the first message')
}

async function takesNoOther(bench: Bench): Promise<void> {
  const none = await openWs(socketOf(bench, { protocol: null })).catch(otherwiseRefused)
  if (none !== null) await isClosedWith(none, 4406, 'an upgrade without a subprotocol')
}

/** A server may also refuse to upgrade at all. */
function otherwiseRefused(error: unknown): null {
  if (error instanceof NotOpened && error.status >= 400 && error.status < 500) return null
  throw error
}

async function doesNotCompress(bench: Bench): Promise<void> {
  const wire = await openWs(socketOf(bench))
  mustEqual(wire.socket.extensions, '', 'the extensions of the WebSocket')
}

async function answersPings(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  wire.send({ type: 'ping', payload: { text: '🌊' } })
  mustEqual(await wire.next(), { type: 'pong', payload: { text: '🌊' } }, 'the answer to a ping')
  wire.send({ type: 'ping' })
  mustEqual((await wire.next())['type'], 'pong', 'the answer to a ping without a payload')
  wire.send({ type: 'pong' })
  wire.send({ type: 'ping' })
  mustEqual((await wire.next())['type'], 'pong', 'the answer to a ping after a pong that nobody asked for')
}

const subscribe = ({ target }: Bench, id: string): JsonObject => ({
  id,
  type: 'subscribe',
  payload: target.profile.query,
})

async function wantsAnIntroduction(bench: Bench): Promise<void> {
  const wire = await openWs(socketOf(bench))
  wire.send(subscribe(bench, '1'))
  await isClosedWith(wire, 4401, 'a subscribe before connection_ack')
}

async function wantsOneIntroduction(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  wire.send({ type: 'connection_init' })
  await isClosedWith(wire, 4429, 'a second connection_init')
}

async function waitsForAnIntroduction(bench: Bench): Promise<void> {
  const wire = await openWs(socketOf(bench))
  await isClosedWith(wire, 4408, 'silence', Math.max(15_000, bench.target.patienceMs))
}

const nonsense = [
  '',
  'nonsense',
  'null',
  '[]',
  '{}',
  '{"type":"connection_ack"}',
  '{"type":"subscribe","id":7,"payload":{"query":"{ __typename }"}}',
  '{"type":"subscribe","payload":{"query":"{ __typename }"}}',
  '{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}',
  '{"type":"subscribe","id":"1","payload":{}}',
  '{"type":"complete"}',
]

async function refusesNonsense(bench: Bench): Promise<void> {
  for (const text of nonsense) {
    const wire = await openAcknowledged(socketOf(bench))
    wire.send(text)
    await isClosedWith(wire, 4400, `the message ${show(text)}`)
  }
}

async function refusesBinary(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  // Bytes that are no text at all.
  wire.socket.send(Buffer.from([0xff, 0xfe, 0x00]))
  await isClosedWith(wire, 4400, 'a binary message of bytes that are no JSON')
}

async function refusesAnIdInUse(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const { operation } = bench.openLog()
  wire.send({ id: '1', type: 'subscribe', payload: operation })
  wire.send({ id: '1', type: 'subscribe', payload: operation })
  await isClosedWith(wire, 4409, 'a second subscribe with an id that is in use')
}

async function boundsIds(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const longest = 'i'.repeat(256)
  wire.send(subscribe(bench, longest))
  mustEqual((await wire.next())['id'], longest, 'the id of the answer to an id of 256 characters')
  await wire.next()
  wire.send(subscribe(bench, `${longest}i`))
  await isClosedWith(wire, 4400, 'an id of 257 characters')
}

async function boundsMessages(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  wire.send({ type: 'ping', payload: { text: 'x'.repeat(900_000) } })
  mustEqual((await wire.next())['type'], 'pong', 'the answer to a ping of 900 kB')
  wire.send({ type: 'ping', payload: { text: 'x'.repeat(1_100_000) } })
  await isClosedWith(wire, 1009, 'a message of 1.1 MB')
}

async function refusesForeignPages(bench: Bench): Promise<void> {
  const headers = { ...bench.target.headers, origin: 'https://conformance.invalid' }
  const status = await openWs(socketOf(bench, { headers })).then(
    () => 101,
    (error: unknown) => {
      if (error instanceof NotOpened) return error.status
      throw error
    },
  )
  mustEqual(status, 403, 'the HTTP status of an upgrade by a page of https://conformance.invalid')
}

async function refusesBadCredentials(bench: Bench): Promise<void> {
  const wire = await openWs(socketOf(bench, { headers: {} }))
  wire.send({ type: 'connection_init', payload: { authorization: 'Bearer nonsense' } })
  await isClosedWith(wire, 4403, 'connection_init with a credential that is not valid')
}

async function takesCredentialsOfTheIntroduction(bench: Bench): Promise<void> {
  const { headers } = bench.target
  const wire = await openAcknowledged(socketOf(bench, { headers: {} }), headers)
  // What nobody gets without a credential.
  const payload = bench.target.profile.guarded ?? (await bench.finishedLog()).operation
  wire.send({ id: '1', type: 'subscribe', payload })
  const message = await wire.next()
  must(message['type'] === 'next' && at(message, 'payload', 'errors') === undefined, `the answer was ${show(message)}`)
}

async function pings(bench: Bench): Promise<void> {
  const wire = await openAcknowledged(socketOf(bench))
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const late = setTimeout(() => reject(new Violation('no ping within 15 s')), 15_000)
  wire.socket.once('ping', resolve)
  await promise.finally(() => clearTimeout(late))
}

type Row = readonly [id: string, rule: string, says: string, run: (bench: Bench) => Promise<void>, level?: Level]

const rows: readonly Row[] = [
  ['ws.subprotocol', 'W1', 'the subprotocol is graphql-transport-ws', takesTheSubprotocol],
  ['ws.subprotocol.none', 'W2', 'a socket without a subprotocol is closed with 4406 or not opened', takesNoOther],
  ['ws.compression', 'W3', 'permessage-deflate is not agreed to', doesNotCompress],
  ['ws.ping', 'W4', 'a ping is answered with a pong that has its payload', answersPings],
  ['ws.early', 'W5', 'a subscribe before connection_ack closes the socket with 4401', wantsAnIntroduction],
  ['ws.init.twice', 'W6', 'a second connection_init closes the socket with 4429', wantsOneIntroduction],
  ['ws.init.late', 'W7', 'a socket without connection_init is closed with 4408', waitsForAnIntroduction],
  ['ws.nonsense', 'W8', 'a message against the protocol closes the socket with 4400', refusesNonsense],
  ['ws.binary', 'W8', 'bytes that are no message close the socket with 4400', refusesBinary],
  ['ws.id.used', 'W9', 'an id that is in use closes the socket with 4409', refusesAnIdInUse],
  ['ws.id.long', 'W10', 'ids of 256 characters are taken, longer ones close the socket with 4400', boundsIds],
  ['ws.message.large', 'W11', 'a message over 1 MiB closes the socket with 1009', boundsMessages],
  ['ws.origin', 'W12', 'a page of a foreign origin is answered 403', refusesForeignPages, 'SHOULD'],
  ['ws.credential.bad', 'U2', 'a credential that is not valid closes the socket with 4403', refusesBadCredentials],
  ['ws.credential.init', 'U3', 'a credential in connection_init counts', takesCredentialsOfTheIntroduction],
]

export const wsProtocolChecks: readonly Check[] = [
  ...rows.map(([id, rule, says, run, level = 'MUST']): Check => ({ id, rule, level, says, run, parts: ['ws'] })),
  {
    id: 'ws.heartbeat',
    rule: 'W13',
    level: 'MUST',
    says: 'the server pings at least every 15 s',
    parts: ['ws'],
    slow: true,
    run: pings,
  },
]
