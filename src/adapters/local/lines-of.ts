/** The lines of a text in UTF-8, as many at a time as have arrived, without what ends them. Longer ones are cut off. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, maxLength: number): AsyncIterable<readonly string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    // Of a line that never ends no more is kept than is needed.
    rest = (lines.pop() ?? '').slice(0, maxLength + 1)
    yield lines.map((line) => cut(line, maxLength))
  }
  yield [cut(rest + decoder.decode(), maxLength)]
}

function cut(line: string, maxLength: number): string {
  return (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, maxLength)
}
