import type { Tampering } from '../faulty-proxy.ts'
import {
  believing,
  knowingAll,
  eventCounter,
  resumeFaults,
  type StreamFault,
  withoutCodes,
  withResume,
} from './stream-fault.ts'

/** The data of a block of an event stream as JSON. */
function payloadOf(block: string): unknown {
  const data = /^data: ([^\n]+)$/m.exec(block)?.[1]
  return data === undefined ? null : JSON.parse(data)
}

const nthBlock = (n: number, change: (block: string) => readonly string[]) => (): Tampering => {
  const count = eventCounter()
  return { block: (block) => (count(payloadOf(block)) === n ? change(block) : [block]) }
}

const blocks = (change: (block: string) => readonly string[]) => (): Tampering => ({ block: change })
/** Changes the payloads of all answers. */
const payloads = (change: (payload: unknown) => unknown) =>
  blocks((block) => {
    const payload = payloadOf(block)
    return [
      payload === null ? block : block.replace(/^data: [^\n]*$/m, () => `data: ${JSON.stringify(change(payload))}`),
    ]
  })

const resumes = (change: (resume: Record<string, unknown>) => object) =>
  payloads((payload) => withResume(payload, change))

const statuses = (from: number, to: number) => (): Tampering => ({ status: (code) => (code === from ? to : code) })

/** What a server can do wrong with event streams. */
export const sseFaults: readonly StreamFault[] = [
  {
    name: 'drops an event',
    over: ['sse'],
    tamper: nthBlock(1, () => []),
    found: [
      'cursor.shape@sse',
      'cursor.earliest@sse',
      'cursor.now@sse',
      'cursor.blank@sse',
      'answer.cursor@sse',
      'answer.recovered@sse',
      'answer.order@sse',
      'answer.handover@sse',
      'answer.text@sse',
      'gap.live@sse',
      'sse.id',
      'sse.place',
      'sse.place.post',
      'stock.cuts@sse',
    ],
  },
  {
    name: 'sends an event twice',
    over: ['sse'],
    tamper: nthBlock(1, (block) => [block, block]),
    found: [
      'cursor.same@sse',
      'cursor.earliest@sse',
      'answer.cursor@sse',
      'answer.recovered@sse',
      'answer.order@sse',
      'answer.handover@sse',
      'answer.text@sse',
      'sse.place',
      'stock.cuts@sse',
    ],
  },
  {
    name: 'gives `complete` an id',
    over: ['sse'],
    tamper: blocks((block) => [block.replace('event: complete', 'id: c1.AAAAAAAAAAAA.1\nevent: complete')]),
    found: ['sse.id.only', 'sse.complete', 'sse.end.post'],
  },
  {
    name: 'gives `complete` no data',
    over: ['sse'],
    tamper: blocks((block) => [block.replace('event: complete\ndata:', 'event: complete')]),
    found: ['sse.fields', 'sse.complete', 'sse.end.post'],
  },
  {
    name: 'sends `retry` twice',
    over: ['sse'],
    tamper: blocks((block) => [block.startsWith('retry:') ? `${block}\n\n${block}` : block]),
    found: ['sse.retry'],
  },
  {
    name: 'sends no `retry`',
    over: ['sse'],
    tamper: blocks((block) => [block.replace(/^retry: .*\n/, '')]),
    found: ['sse.begin', 'sse.retry'],
  },
  {
    name: 'gives answers no id',
    over: ['sse'],
    tamper: blocks((block) => [block.replace(/^id: .*\n/m, '')]),
    found: ['sse.id'],
  },
  {
    name: 'gives answers another id',
    over: ['sse'],
    tamper: blocks((block) => [block.replace(/^id: .*$/m, 'id: 7')]),
    found: ['sse.id'],
  },
  {
    name: 'names an event otherwise',
    over: ['sse'],
    tamper: nthBlock(1, (block) => [block.replace('event: next', 'event: message')]),
    found: [
      'cursor.shape@sse',
      'cursor.same@sse',
      'cursor.earliest@sse',
      'cursor.now@sse',
      'cursor.blank@sse',
      'answer.cursor@sse',
      'answer.order@sse',
      'answer.handover@sse',
      'answer.text@sse',
      'end.complete@sse',
      'end.fresh@sse',
      'end.resume@sse',
      'gap.live@sse',
      'sse.events',
      'sse.place',
      'sse.place.post',
      'sse.end.get',
      'sse.end.post',
      'stock.cuts@sse',
    ],
  },
  {
    name: 'has a field of its own',
    over: ['sse'],
    tamper: blocks((block) => [block.replace('event: next', 'event: next\nkind: job')]),
    found: ['sse.fields'],
  },
  { name: 'answers 200 instead of 204', over: ['sse'], tamper: statuses(204, 200), found: ['sse.end.get'] },
  {
    name: 'answers a POST at the end with 204',
    over: ['sse'],
    tamper: () => ({
      status: (code, { method, headers }) => (method === 'POST' && headers['last-event-id'] !== undefined ? 204 : code),
    }),
    found: ['sse.place.post', 'sse.end.post'],
  },
  { name: 'answers 400 instead of 410', over: ['sse'], tamper: statuses(410, 400), found: ['sse.refusal.get'] },
  { name: 'answers 200 instead of 405', over: ['sse'], tamper: statuses(405, 200), found: ['sse.mutation.get'] },
  {
    name: 'does not look at `Last-Event-ID`',
    over: ['sse'],
    tamper: () => ({ asks: ({ 'last-event-id': _, ...headers }) => headers }),
    found: ['sse.place', 'sse.place.post', 'sse.end.get', 'sse.end.post'],
  },
  {
    name: 'lets proxies keep what it sends',
    over: ['sse'],
    tamper: () => ({ headers: (headers) => ({ ...headers, 'cache-control': 'no-cache' }) }),
    found: ['sse.headers'],
  },
  {
    name: 'says nothing at first',
    over: ['sse'],
    tamper: blocks((block) => (block.startsWith('retry:') ? [] : [block])),
    found: ['sse.begin', 'sse.retry'],
  },
  {
    name: 'ends without `complete`',
    over: ['sse'],
    tamper: blocks((block) => (block.includes('event: complete') ? [] : [block])),
    found: [
      'cursor.same@sse',
      'end.complete@sse',
      'end.fresh@sse',
      'end.resume@sse',
      'gap.epoch.error@sse',
      'gap.ahead.error@sse',
      'gap.expired.error@sse',
      'gap.malformed@sse',
      'resume.shape@sse',
      'credential.resume@sse',
      'credential.blind@sse',
      'sse.events',
      'sse.complete',
      'sse.refusal.post',
      'sse.end.post',
      'sse.query',
    ],
  },
  {
    name: 'does not say how a stream opened',
    over: ['sse'],
    tamper: resumes(resumeFaults.unsaid),
    found: [
      'cursor.now@sse',
      'cursor.blank@sse',
      'answer.opening@sse',
      'answer.fresh@sse',
      'answer.recovered@sse',
      'end.fresh@sse',
      'gap.epoch@sse',
      'gap.ahead@sse',
      'gap.expired@sse',
    ],
  },
  {
    name: 'keeps a gap secret',
    over: ['sse'],
    tamper: resumes(resumeFaults.secretGap),
    found: ['gap.epoch@sse', 'gap.ahead@sse', 'gap.expired@sse'],
  },
  {
    name: 'hides the codes of errors',
    over: ['sse'],
    tamper: payloads(withoutCodes),
    found: [
      'gap.epoch.error@sse',
      'gap.ahead.error@sse',
      'gap.expired.error@sse',
      'gap.malformed@sse',
      'resume.shape@sse',
      'credential.resume@sse',
      'credential.blind@sse',
      'sse.refusal.post',
    ],
  },
  {
    name: 'believes a cursor',
    over: ['sse'],
    tamper: () => ({ asks: believing }),
    found: ['credential.resume@sse', 'credential.blind@sse'],
  },
  {
    name: 'has other data than the other transports',
    over: ['ws', 'sse'],
    only: 'answer.same',
    tamper: payloads((payload) => ({ ...Object(payload), data: { counter: { n: 1, text: '' } } })),
    found: ['answer.same@sse'],
  },
  {
    name: 'loses an event that others have',
    over: ['ws', 'poll', 'sse'],
    only: 'switch',
    tamper: nthBlock(1, () => []),
    found: [
      'switch.closed@ws-sse',
      'switch.open@ws-sse',
      'switch.closed@sse-ws',
      'switch.open@sse-ws',
      'switch.closed@sse-poll',
      'switch.open@sse-poll',
      'switch.closed@poll-sse',
      'switch.open@poll-sse',
    ],
  },
  {
    name: 'refuses what it does not know in `resume`',
    over: ['sse'],
    tamper: () => ({ says: knowingAll }),
    found: ['resume.unknown@sse'],
  },
]
