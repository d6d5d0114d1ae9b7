/** What travels in one message of Redis: a line that names who says it, and a line of JSON for each message of the bus. */
export function writeEnvelope(origin: string, texts: readonly string[]): string {
  return `${origin}\n${texts.join('\n')}`
}

/** Gives the lines of JSON in an envelope; `null` for one of the origin's own, of which only the first line is looked at. */
export function createEnvelopeReader(origin: string): (envelope: string | Buffer) => readonly string[] | null {
  const own = Buffer.from(`${origin}\n`)
  return (envelope) => {
    const bytes = typeof envelope === 'string' ? Buffer.from(envelope) : envelope
    if (bytes.subarray(0, own.length).equals(own)) return null
    return bytes.toString('utf8').split('\n').slice(1)
  }
}
