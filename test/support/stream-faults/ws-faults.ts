import type { Tampering } from '../faulty-proxy.ts'
import { eventCounter, type Message, resumeFaults, type StreamFault, withoutCodes, withResume } from './stream-fault.ts'

/** Changes the payloads of all `next` of a socket. */
const payloads = (change: (payload: unknown) => unknown) => (): Tampering => ({
  message: (message) => [message['type'] === 'next' ? { ...message, payload: change(message['payload']) } : message],
})

const resumes = (change: (resume: Record<string, unknown>) => object) =>
  payloads((payload) => withResume(payload, change))

const hearing = (hears: NonNullable<Tampering['hears']>) => (): Tampering => ({ hears })

/** `extensions.resume` of what a client sends. */
function resumeOf({ payload }: Message): unknown {
  return (payload as { extensions?: { resume?: unknown } } | undefined)?.extensions?.resume
}

const closing = (from: number, to: number) => (): Tampering => ({
  closeCode: (code) => (code === from ? to : code),
})

/** Answers the event of a number on each connection with what is given. */
const nthMessage = (n: number, change: (message: Message) => readonly object[]) => (): Tampering => {
  const count = eventCounter()
  return { message: (message) => (count(message['payload']) === n ? change(message) : [message]) }
}

/** Which checks look at which close code. */
const closeCodes = {
  1009: ['ws.message.large'],
  4400: ['ws.nonsense', 'ws.binary', 'ws.id.long'],
  4401: ['ws.early'],
  4403: ['ws.credential.bad'],
  4406: ['ws.subprotocol.none'],
  4408: ['ws.init.late'],
  4409: ['ws.id.used'],
  4429: ['ws.init.twice'],
}

/** What a server can do wrong over a WebSocket. */
export const wsFaults: readonly StreamFault[] = [
  {
    name: 'drops an event',
    over: ['ws'],
    tamper: nthMessage(1, () => []),
    found: [
      'cursor.shape@ws',
      'cursor.earliest@ws',
      'cursor.now@ws',
      'cursor.blank@ws',
      'answer.cursor@ws',
      'answer.recovered@ws',
      'answer.order@ws',
      'answer.handover@ws',
      'answer.text@ws',
      'gap.live@ws',
      'ws.mutation',
      'ws.id.text',
      'ws.many',
      'stock.cuts@ws',
    ],
  },
  {
    name: 'sends an event twice',
    over: ['ws'],
    tamper: nthMessage(1, (message) => [message, message]),
    found: [
      'cursor.same@ws',
      'cursor.earliest@ws',
      'answer.cursor@ws',
      'answer.recovered@ws',
      'answer.order@ws',
      'answer.handover@ws',
      'answer.text@ws',
      'ws.mutation',
      'ws.id.text',
      'ws.many',
      'stock.cuts@ws',
    ],
  },
  {
    name: 'swaps two events',
    over: ['ws'],
    tamper: () => {
      const count = eventCounter()
      let held: Message | null = null
      return {
        message: (message) => {
          const n = count(message['payload'])
          if (n === 1) held = message
          if (n === 1) return []
          const [first, second] = [message, held]
          held = null
          return second === null ? [message] : [first, second]
        },
      }
    },
    found: [
      'cursor.shape@ws',
      'cursor.earliest@ws',
      'cursor.now@ws',
      'cursor.blank@ws',
      'answer.cursor@ws',
      'answer.recovered@ws',
      'answer.order@ws',
      'answer.handover@ws',
      'answer.text@ws',
      'gap.live@ws',
      'ws.mutation',
      'stock.cuts@ws',
    ],
  },
  {
    name: 'gives live events the cursors of another log',
    over: ['ws'],
    tamper: payloads((payload) =>
      withResume(payload, ({ cursor, ...rest }) => ({
        cursor: rest['status'] === undefined ? String(cursor).replace(/\.[^.]+\./, '.AAAAAAAAAAAA.') : cursor,
        ...rest,
      })),
    ),
    found: ['answer.recovered@ws', 'end.fresh@ws', 'end.resume@ws', 'stock.cuts@ws'],
  },
  {
    name: 'gives cursors that are too long',
    over: ['ws'],
    tamper: resumes(resumeFaults.longCursor),
    found: [
      'cursor.shape@ws',
      'cursor.blank@ws',
      'answer.recovered@ws',
      'answer.handover@ws',
      'end.resume@ws',
      'gap.epoch@ws',
      'gap.epoch.error@ws',
      'gap.ahead@ws',
      'gap.expired@ws',
      'gap.expired.error@ws',
      'gap.live@ws',
      'stock.cuts@ws',
    ],
  },
  {
    name: 'does not say how a stream opened',
    over: ['ws'],
    tamper: resumes(resumeFaults.unsaid),
    found: [
      'cursor.now@ws',
      'cursor.blank@ws',
      'answer.opening@ws',
      'answer.fresh@ws',
      'answer.recovered@ws',
      'end.fresh@ws',
      'gap.epoch@ws',
      'gap.ahead@ws',
      'gap.expired@ws',
    ],
  },
  {
    name: 'says with each answer how the stream opened',
    over: ['ws'],
    tamper: payloads((payload) =>
      withResume(payload, (resume) => ({ status: 'fresh', gap: false, replayed: 0, ...resume })),
    ),
    found: ['answer.opening@ws'],
  },
  {
    name: 'keeps a gap secret',
    over: ['ws'],
    tamper: resumes(resumeFaults.secretGap),
    found: ['gap.epoch@ws', 'gap.ahead@ws', 'gap.expired@ws'],
  },
  {
    name: 'miscounts what it replays',
    over: ['ws'],
    tamper: payloads((payload) =>
      withResume(payload, (resume) => ({ ...resume, ...(resume['status'] === 'recovered' && { replayed: 0 }) })),
    ),
    found: ['answer.recovered@ws'],
  },
  {
    name: 'loses what is beyond the first plane',
    over: ['ws'],
    tamper: payloads((payload) => JSON.parse(JSON.stringify(payload).replaceAll(/[\uD800-\uDFFF]/g, '?'))),
    found: ['answer.text@ws'],
  },
  {
    name: 'loses what is beyond the first plane in ids',
    over: ['ws'],
    tamper: () => ({
      message: (message) => [
        'id' in message ? { ...message, id: String(message['id']).replaceAll(/[\uD800-\uDFFF]+/g, '?') } : message,
      ],
    }),
    found: ['ws.id.text'],
  },
  {
    name: 'sends an answer after the end',
    over: ['ws'],
    tamper: () => ({
      message: (message) =>
        message['type'] === 'complete' ? [{ ...message, type: 'next', payload: { data: {} } }, message] : [message],
    }),
    found: [
      'cursor.same@ws',
      'end.complete@ws',
      'end.fresh@ws',
      'end.resume@ws',
      'gap.epoch.error@ws',
      'gap.ahead.error@ws',
      'gap.expired.error@ws',
      'gap.malformed@ws',
      'credential.resume@ws',
      'credential.blind@ws',
      'ws.query',
      'ws.mutation',
      'ws.refusal',
    ],
  },
  {
    name: 'gives `complete` a payload',
    over: ['ws'],
    tamper: () => ({
      message: (message) => [message['type'] === 'complete' ? { ...message, payload: null } : message],
    }),
    found: ['ws.query', 'ws.refusal', 'ws.message.members'],
  },
  {
    name: 'tells request errors as answers',
    over: ['ws'],
    tamper: () => ({
      message: (message) =>
        message['type'] === 'error'
          ? [
              { ...message, type: 'next', payload: { errors: message['payload'] } },
              { id: message['id'], type: 'complete' },
            ]
          : [message],
    }),
    found: ['ws.error'],
  },
  {
    name: 'hides the codes of errors',
    over: ['ws'],
    tamper: payloads(withoutCodes),
    found: [
      'gap.epoch.error@ws',
      'gap.ahead.error@ws',
      'gap.expired.error@ws',
      'gap.malformed@ws',
      'credential.resume@ws',
      'credential.blind@ws',
      'ws.refusal',
    ],
  },
  {
    name: 'pongs without the payload',
    over: ['ws'],
    tamper: () => ({ message: (message) => [message['type'] === 'pong' ? { type: 'pong' } : message] }),
    found: ['ws.ping'],
  },
  {
    name: 'has other data than the other transports',
    over: ['sse', 'ws'],
    only: 'answer.same',
    tamper: payloads((payload) => ({ ...Object(payload), data: { counter: { n: 1, text: '' } } })),
    found: ['answer.same@ws'],
  },
  {
    name: 'loses an event that others have',
    over: ['sse', 'poll', 'ws'],
    only: 'switch',
    tamper: nthMessage(1, () => []),
    found: [
      'switch.closed@ws-sse',
      'switch.open@ws-sse',
      'switch.closed@ws-poll',
      'switch.open@ws-poll',
      'switch.closed@sse-ws',
      'switch.open@sse-ws',
      'switch.closed@poll-ws',
      'switch.open@poll-ws',
    ],
  },
  {
    name: 'does not hear `complete`',
    over: ['ws'],
    tamper: hearing((message) => (message['type'] === 'complete' && message['id'] === '1' ? [] : [message])),
    found: ['ws.complete'],
  },
  {
    name: 'does not read connection_init',
    over: ['ws'],
    tamper: hearing((message) => [message['type'] === 'connection_init' ? { type: message['type'] } : message]),
    found: ['ws.credential.bad', 'ws.credential.init'],
  },
  {
    name: 'takes a `resume` of any form',
    over: ['ws'],
    tamper: hearing((message) => {
      const resume = resumeOf(message)
      const isOdd = resume !== undefined && (typeof resume !== 'object' || Array.isArray(resume))
      return [isOdd ? { ...message, payload: { ...Object(message['payload']), extensions: {} } } : message]
    }),
    found: ['resume.shape@ws', 'ws.error'],
  },
  {
    name: 'refuses what it does not know in `resume`',
    over: ['ws'],
    tamper: hearing((message) => {
      const isKnown = Object.keys(Object(resumeOf(message))).every((name) => ['after', 'onGap'].includes(name))
      return [isKnown ? message : { ...message, payload: { ...Object(message['payload']), extensions: { resume: 1 } } }]
    }),
    found: ['resume.unknown@ws'],
  },
  {
    name: 'says that any number of operations is open',
    over: ['ws'],
    tamper: () => ({
      message: (message) =>
        JSON.stringify(message).includes('TOO_MANY')
          ? [{ ...message, type: 'next', payload: { data: {} } }]
          : [message],
    }),
    found: ['ws.operations.most'],
  },
  {
    name: 'lets any page in',
    over: ['ws'],
    tamper: () => ({ asks: ({ origin: _, ...headers }) => headers }),
    found: ['ws.origin'],
  },
  {
    name: 'agrees to another subprotocol',
    over: ['ws'],
    only: 'ws.subprotocol',
    tamper: () => ({ subprotocol: 'graphql-ws' }),
    found: ['ws.subprotocol'],
  },
  { name: 'compresses', over: ['ws'], tamper: () => ({ compresses: true }), found: ['ws.compression'] },
  ...Object.entries(closeCodes).map(([code, found]): StreamFault => ({
    name: `closes with 1000 instead of ${code}`,
    over: ['ws'],
    tamper: closing(Number(code), 1000),
    found,
  })),
]
