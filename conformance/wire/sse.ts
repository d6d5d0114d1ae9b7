import type { IncomingMessage } from 'node:http'
import { Violation } from '../violation.ts'
import { type HttpRequest, openHttp } from './http.ts'

/** The lines between two empty ones, in their order: a comment has the name `''`. */
export type SseBlock = readonly (readonly [name: string, value: string])[]

/** An answer of server-sent events, read byte by byte. */
export interface SseWire {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** The next block; `null` when the answer has ended. Throws a `Violation` when it breaks off or keeps silent for too long. */
  next(patienceMs?: number): Promise<SseBlock | null>
  /** The next block that is an event, however many comments come before. */
  nextEvent(patienceMs?: number): Promise<SseBlock | null>
  /** All events up to the end of the answer. */
  rest(): Promise<readonly SseBlock[]>
  close(): void
}

/** The value of the field's first line in a block; `null` where there is none. */
export function fieldOf(block: SseBlock, name: string): string | null {
  return block.find(([field]) => field === name)?.[1] ?? null
}

/** The names of the lines of a block. */
export function namesOf(block: SseBlock): readonly string[] {
  return block.map(([name]) => name)
}

/** The `data` of a block: its lines joined, as the specification of server-sent events has it. */
export function dataOf(block: SseBlock): string {
  return block
    .filter(([name]) => name === 'data')
    .map(([, value]) => value)
    .join('\n')
}

/** Opens an answer of server-sent events. */
export async function openSse(request: HttpRequest): Promise<SseWire> {
  const response = await openHttp({ ...request, headers: { accept: 'text/event-stream', ...request.headers } })
  return readSse(response, request.patienceMs)
}

function readSse(response: IncomingMessage, patience: number): SseWire {
  const chunks = response[Symbol.asyncIterator]()
  // A text that is not UTF-8 throws.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let buffer = ''

  async function more(patienceMs: number): Promise<boolean> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new Violation('nothing came in time')), patienceMs)
    try {
      const chunk = await Promise.race([chunks.next(), late])
      if (chunk.done === true) return false
      // A body without an encoding gives bytes.
      buffer += decode(decoder, chunk.value as Uint8Array)
      return true
    } catch (error) {
      if (error instanceof Violation) throw error
      throw new Violation(`the event stream broke off: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      clearTimeout(timer)
    }
  }

  async function next(patienceMs = patience): Promise<SseBlock | null> {
    for (;;) {
      const end = /(\r\n|\n|\r(?!\n|$)){2}/.exec(buffer)
      if (end !== null) {
        const block = buffer.slice(0, end.index)
        buffer = buffer.slice(end.index + end[0].length)
        if (block !== '') return block.split(/\r\n|\n|\r/).map(toField)
      } else if (!(await more(patienceMs))) {
        if (buffer.trim() !== '') throw new Violation('the event stream broke off within a block')
        return null
      }
    }
  }

  async function nextEvent(patienceMs = patience): Promise<SseBlock | null> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const block = await next(deadline - performance.now())
      if (block === null || fieldOf(block, 'event') !== null || fieldOf(block, 'data') !== null) return block
    }
  }

  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    next,
    nextEvent,
    async rest() {
      const events: SseBlock[] = []
      for (let block = await nextEvent(); block !== null; block = await nextEvent()) events.push(block)
      return events
    },
    close: () => response.destroy(),
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: true })
  } catch {
    throw new Violation('the event stream is not UTF-8')
  }
}

function toField(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
}
