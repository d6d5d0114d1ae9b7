import type { Operation } from './clients/stream-client.ts'
import { openAcknowledged } from './raw-socket.ts'
import { openRawSse } from './raw-sse.ts'

/** A stream that has opened, over one transport. */
export interface LiveStream {
  /** How the server ended it: the code of the refusal, or that of the socket. */
  readonly ended: Promise<string | number | undefined>
  /** What comes after it has opened. */
  next(): Promise<unknown>
  close(): void
}

export type Credential = Readonly<Record<string, string>>

const json = { 'content-type': 'application/json' }

async function overSocket(url: string, credential: Credential, payload: Operation): Promise<LiveStream> {
  const raw = await openAcknowledged(url, credential)
  raw.send({ id: '1', type: 'subscribe', payload })
  await raw.next()
  return {
    ended: raw.closed.then(({ code }) => code),
    next: async () => (await raw.next()).payload,
    close: () => raw.socket.close(),
  }
}

async function overEvents(url: string, credential: Credential, operation: Operation): Promise<LiveStream> {
  const headers = { ...credential, ...json }
  const sse = await openRawSse(url, { method: 'POST', headers, body: JSON.stringify(operation) }, 60_000)
  await sse.nextEvent()
  const first = sse.nextEvent()
  const ended = first.then(async (block) => {
    await sse.rest()
    return codeOf(block['data'] ?? '')
  })
  // A stream that its test closes has no end of its own.
  ended.catch(() => undefined)
  return { ended, next: async () => JSON.parse((await first)['data'] ?? ''), close: () => sse.close() }
}

async function overPolls(url: string, credential: Credential, operation: Operation): Promise<LiveStream> {
  const stop = new AbortController()
  const headers = { ...credential, ...json, accept: 'application/vnd.millrace.poll+json' }
  const ask = (extensions: object) =>
    fetch(url, { method: 'POST', headers, body: JSON.stringify({ ...operation, extensions }), signal: stop.signal })
  const first = (await (await ask({})).json()) as { cursor: string }
  const second = ask({ resume: { after: first.cursor }, poll: { waitMs: 30_000 } })
  const body = second.then((response) => response.text())
  const ended = body.then(codeOf)
  ended.catch(() => undefined)
  return { ended, next: async () => JSON.parse(await body), close: () => stop.abort() }
}

/** The code of the errors in a GraphQL answer. */
function codeOf(text: string): string | undefined {
  const { errors } = JSON.parse(text) as { errors?: readonly { extensions: { code: string } }[] }
  return errors?.[0]?.extensions.code
}

/** Opens a stream over each transport. `url` is that of `/graphql`. */
export const openLiveStream = { ws: overSocket, sse: overEvents, poll: overPolls } as const

/** Opens one over each. */
export function openLiveStreams(url: string, credential: Credential, operation: Operation): Promise<LiveStream[]> {
  return Promise.all(Object.values(openLiveStream).map((open) => open(url, credential, operation)))
}

/** How the streams were ended, all of them within so many ms from now. */
export async function endsWithin(ms: number, streams: readonly LiveStream[]): Promise<readonly unknown[]> {
  const late = AbortSignal.timeout(ms)
  const deadline = new Promise<never>((_resolve, reject) => {
    late.addEventListener('abort', () => reject(new Error(`A stream is still open after ${ms} ms.`)))
  })
  try {
    return await Promise.race([Promise.all(streams.map(({ ended }) => ended)), deadline])
  } finally {
    deadline.catch(() => undefined)
  }
}
