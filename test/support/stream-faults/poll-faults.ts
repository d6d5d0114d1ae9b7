import type { Tampering } from '../faulty-proxy.ts'
import {
  believing,
  knowingAll,
  type Message,
  type Payload,
  resumeFaults,
  type StreamFault,
  withResume,
} from './stream-fault.ts'

const answers = (change: (answer: Message) => object) => (): Tampering => ({ answer: change })
const resumes = (change: (resume: Record<string, unknown>) => object) =>
  answers((answer) => ({
    ...answer,
    items: itemsOf(answer).map(({ payload, ...item }) => ({ ...item, payload: withResume(payload, change) })),
  }))

const statuses = (from: number, to: number) => (): Tampering => ({ status: (code) => (code === from ? to : code) })

interface Items {
  readonly items: readonly { readonly cursor: string; readonly payload: Payload }[]
}
const itemsOf = (answer: Message) => (answer as Message & Items).items

/** Keeps what was told to anybody, and tells it nobody else. */
function onePollEach(): () => Tampering {
  const told = new Set<string>()
  return answers((answer) => {
    const items = itemsOf(answer).filter(({ cursor }) => !told.has(cursor))
    for (const { cursor } of items) told.add(cursor)
    return { ...answer, items }
  })
}

/** What a server can do wrong with polls. */
export const pollFaults: readonly StreamFault[] = [
  {
    name: 'drops the first of several events',
    over: ['poll'],
    tamper: answers((answer) => ({
      ...answer,
      items: itemsOf(answer).length > 1 ? itemsOf(answer).slice(1) : itemsOf(answer),
    })),
    found: [
      'cursor.earliest@poll',
      'cursor.blank@poll',
      'answer.recovered@poll',
      'answer.order@poll',
      'answer.handover@poll',
      'poll.max',
      'poll.atOnce',
      'stock.cuts@poll',
    ],
  },
  {
    name: 'gives an event twice',
    over: ['poll'],
    tamper: answers((answer) => ({ ...answer, items: [...itemsOf(answer), ...itemsOf(answer).slice(-1)] })),
    found: [
      'cursor.same@poll',
      'answer.cursor@poll',
      'answer.recovered@poll',
      'answer.order@poll',
      'answer.text@poll',
      'end.fresh@poll',
      'poll.fresh',
      'poll.wait',
      'poll.max',
      'poll.atOnce',
      'stock.cuts@poll',
    ],
  },
  {
    name: 'gives events newest first',
    over: ['poll'],
    tamper: answers((answer) => ({ ...answer, items: itemsOf(answer).toReversed() })),
    found: [
      'cursor.earliest@poll',
      'cursor.blank@poll',
      'answer.recovered@poll',
      'answer.order@poll',
      'answer.handover@poll',
      'end.fresh@poll',
      'end.resume@poll',
      'poll.cursor',
      'poll.max',
      'poll.atOnce',
      'poll.closed',
      'stock.cuts@poll',
    ],
  },
  {
    name: 'gives another cursor than that of the last item',
    over: ['poll'],
    tamper: answers((answer) => ({ ...answer, cursor: itemsOf(answer)[0]?.cursor ?? answer['cursor'] })),
    found: ['answer.order@poll', 'poll.cursor', 'poll.max', 'stock.cuts@poll'],
  },
  {
    name: 'gives items without cursors',
    over: ['poll'],
    tamper: answers((answer) => ({ ...answer, items: itemsOf(answer).map(({ payload }) => ({ payload })) })),
    found: ['poll.cursor'],
  },
  {
    name: 'never closes',
    over: ['poll'],
    tamper: answers((answer) => ({ ...answer, closed: false })),
    found: ['cursor.same@poll', 'end.complete@poll', 'end.fresh@poll', 'end.resume@poll', 'poll.closed'],
  },
  {
    name: 'is always up to date',
    over: ['poll'],
    tamper: answers((answer) => ({ ...answer, upToDate: true })),
    found: ['poll.max'],
  },
  {
    name: 'is never up to date',
    over: ['poll'],
    tamper: answers((answer) => ({ ...answer, upToDate: false })),
    found: ['poll.fresh', 'poll.max', 'poll.closed'],
  },
  { name: 'adds a member', over: ['poll'], tamper: answers((answer) => ({ ...answer, session: 1 })), found: [] },
  { name: 'answers 200 instead of 204', over: ['poll'], tamper: statuses(204, 200), found: ['poll.nothing'] },
  {
    name: 'gives no cursor with 204',
    over: ['poll'],
    tamper: () => ({ headers: ({ 'millrace-cursor': _, ...headers }) => headers }),
    found: ['poll.nothing'],
  },
  {
    name: 'answers 400 instead of 410',
    over: ['poll'],
    tamper: statuses(410, 400),
    found: ['gap.epoch.error@poll', 'gap.ahead.error@poll', 'gap.expired.error@poll'],
  },
  {
    name: 'answers 200 instead of 400',
    over: ['poll'],
    tamper: statuses(400, 200),
    found: ['gap.malformed@poll', 'resume.shape@poll', 'poll.bounds', 'poll.refusal'],
  },
  {
    name: 'lets answers be stored',
    over: ['poll'],
    tamper: () => ({ headers: ({ 'cache-control': _, ...headers }) => headers }),
    found: ['poll.headers', 'poll.nothing'],
  },
  {
    name: 'answers queries as plain JSON',
    over: ['poll'],
    tamper: () => ({
      headers: (headers) => ({
        ...headers,
        'content-type': String(headers['content-type']).replace('graphql-response+json', 'json'),
      }),
    }),
    found: ['poll.plain'],
  },
  {
    name: 'does not say how a stream opened',
    over: ['poll'],
    tamper: resumes(resumeFaults.unsaid),
    found: [
      'cursor.now@poll',
      'cursor.blank@poll',
      'answer.fresh@poll',
      'answer.recovered@poll',
      'end.fresh@poll',
      'gap.epoch@poll',
      'gap.ahead@poll',
      'gap.expired@poll',
    ],
  },
  {
    name: 'keeps a gap secret',
    over: ['poll'],
    tamper: resumes(resumeFaults.secretGap),
    found: ['gap.epoch@poll', 'gap.ahead@poll', 'gap.expired@poll'],
  },
  {
    name: 'gives cursors that are too long',
    over: ['poll'],
    tamper: answers((answer) => {
      const long = (cursor: unknown) => resumeFaults.longCursor({ cursor }).cursor
      const items = itemsOf(answer).map(({ payload, cursor }) => ({
        cursor: long(cursor),
        payload: withResume(payload, resumeFaults.longCursor),
      }))
      return { ...answer, items, cursor: long(answer['cursor']) }
    }),
    found: [
      'cursor.shape@poll',
      'cursor.now@poll',
      'cursor.blank@poll',
      'answer.cursor@poll',
      'answer.recovered@poll',
      'answer.order@poll',
      'answer.handover@poll',
      'answer.text@poll',
      'end.resume@poll',
      'gap.epoch@poll',
      'gap.epoch.error@poll',
      'gap.ahead@poll',
      'gap.expired@poll',
      'gap.expired.error@poll',
      'gap.live@poll',
      'poll.wait',
      'poll.nothing',
      'poll.max',
      'poll.closed',
      'stock.cuts@poll',
    ],
  },
  {
    name: 'believes a cursor',
    over: ['poll'],
    tamper: () => ({ asks: believing }),
    found: ['credential.resume@poll', 'credential.blind@poll'],
  },
  {
    name: 'answers 400 instead of 401',
    over: ['poll', 'sse'],
    only: 'http',
    tamper: statuses(401, 400),
    found: ['http.credential.bad'],
  },
  { name: 'answers 200 instead of 405', over: ['poll'], tamper: statuses(405, 200), found: ['poll.get'] },
  {
    name: 'has other data than the other transports',
    over: ['ws', 'poll'],
    only: 'answer.same',
    tamper: answers((answer) => ({
      ...answer,
      items: itemsOf(answer).map(({ payload, ...item }) => ({ ...item, payload: { ...payload, data: {} } })),
    })),
    found: ['answer.same@poll'],
  },
  {
    name: 'gives each event to one poll only',
    over: ['poll'],
    only: 'poll',
    tamper: onePollEach(),
    found: ['poll.stateless'],
  },
  {
    name: 'loses an event that others have',
    over: ['ws', 'sse', 'poll'],
    only: 'switch',
    tamper: answers((answer) => {
      const [first, ...others] = itemsOf(answer)
      const isSnapshot = first?.payload.extensions?.resume?.['status'] === 'fresh'
      return { ...answer, items: isSnapshot || first === undefined ? itemsOf(answer) : others }
    }),
    found: [
      'switch.closed@ws-poll',
      'switch.open@ws-poll',
      'switch.closed@sse-poll',
      'switch.open@sse-poll',
      'switch.closed@poll-ws',
      'switch.open@poll-ws',
      'switch.closed@poll-sse',
      'switch.open@poll-sse',
    ],
  },
  {
    name: 'refuses what it does not know in `resume`',
    over: ['poll'],
    tamper: () => ({ says: knowingAll }),
    found: ['resume.unknown@poll'],
  },
]
