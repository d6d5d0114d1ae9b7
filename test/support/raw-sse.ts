/** One block of an event stream, field by field; a comment is under `''`. */
export type SseBlock = Readonly<Record<string, string>>

/** An answer of server-sent events, read without any client library. */
export interface RawSse {
  readonly response: Response
  /** The next block. Throws when the answer ends before, or when it takes too long. */
  next(): Promise<SseBlock>
  /** The next block that is an event: neither a comment nor `retry` alone. */
  nextEvent(): Promise<SseBlock>
  /** All events until the answer ends. */
  rest(): Promise<readonly SseBlock[]>
  close(): void
}

/** `patienceMs`: the longest that a block may take. */
export async function openRawSse(url: string, init: RequestInit = {}, patienceMs = 10_000): Promise<RawSse> {
  const stop = new AbortController()
  const headers = { accept: 'text/event-stream', ...init.headers }
  const response = await fetch(url, { ...init, headers, signal: stop.signal })
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let buffer = ''

  async function read(): Promise<SseBlock | null> {
    for (;;) {
      const end = buffer.indexOf('\n\n')
      if (end !== -1) {
        const block = buffer.slice(0, end)
        buffer = buffer.slice(end + 2)
        return Object.fromEntries(block.split('\n').map(toField))
      }
      const chunk = await reader?.read()
      if (chunk === undefined || chunk.done) return null
      buffer += decoder.decode(chunk.value, { stream: true })
    }
  }

  async function next(): Promise<SseBlock> {
    const late = setTimeout(() => stop.abort(new Error(`No block in ${patienceMs} ms.`)), patienceMs)
    const block = await read().finally(() => clearTimeout(late))
    if (block === null) throw new Error('The event stream has ended.')
    return block
  }

  return {
    response,
    next,
    async nextEvent() {
      for (;;) {
        const block = await next()
        if ('event' in block) return block
      }
    },
    async rest() {
      const events: SseBlock[] = []
      for (let block = await read(); block !== null; block = await read()) if ('event' in block) events.push(block)
      return events
    },
    close: () => stop.abort(),
  }
}

function toField(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
}
