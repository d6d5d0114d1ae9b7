/** How a client of a system begins to listen. In `head` and in what is sent, `resumeMark` stands for the place to come back to. */
export interface Greeting {
  readonly transport: 'ws' | 'sse' | 'poll'
  /** The HTTP request, to its last byte. */
  readonly head: string
  /** WebSocket: what is sent in turn, each as soon as a message that contains `until` has come. */
  readonly turns: readonly { readonly send: string; readonly until: string }[]
  /** It listens from when this was received; `''`: nobody tells it. */
  readonly until: string
}

/** Stands in a greeting where the JSON of `extensions` goes. */
export const resumeMark = '@resume@'

/** Something that tells events to all who listen, as the benchmark uses all of them. Lives in a process of its own. */
export interface FanoutSystem extends AsyncDisposable {
  readonly port: number
  readonly greeting: Greeting
  /** Tells so many events, begun in this turn of the loop, each with a text of its own of at least that many characters. */
  publish(count: number, size: number): void
  /** How often the event was executed that was executed most often, since it was asked last. */
  executions?(): number
  /** What it has used of the processor so far, user and system, where it is not this process that it lives in. */
  cpuUs?(): Promise<number>
}

/** What an event begins with, for a client to find it in the bytes that it receives: then come 16 digits, the µs of `nowUs`. */
export const eventMark = '^^'
export const stampDigits = 16

/** Characters of an event's text, so that what goes to a client is about 200 bytes. */
export const defaultSize = 60

/** µs by a clock that all processes of the machine share. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

/** The text of an event that is told now. */
export function eventText(size: number): string {
  return `${eventMark}${String(nowUs()).padStart(stampDigits, '0')}`.padEnd(size, 'millrace ')
}
