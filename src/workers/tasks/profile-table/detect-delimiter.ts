/** The characters that may part the fields of a row. */
export const delimiters = { COMMA: ',', SEMICOLON: ';', TAB: '\t', PIPE: '|' } as const

export type DelimiterName = keyof typeof delimiters

const maxRows = 50

/**
 * Which delimiter the first rows of a table speak for: the one that every row has equally often and most often, else the
 * one that every row has at all, else the comma. What stands in quotes does not count.
 */
export function detectDelimiter(sample: string): DelimiterName {
  const rows = countPerRow(sample)
  let best: DelimiterName = 'COMMA'
  let bestScore = 0
  for (const [index, name] of names.entries()) {
    const counts = rows.map((row) => row[index] ?? 0)
    const fewest = Math.min(...counts)
    const most = Math.max(...counts)
    // An even count outweighs any uneven one.
    const score = fewest === most ? fewest * 1_000_000 : fewest
    if (score > bestScore) [best, bestScore] = [name, score]
  }
  return best
}

// The keys are those of the table above.
const names = Object.keys(delimiters) as DelimiterName[]
const characters: readonly string[] = Object.values(delimiters)

/** For each of the first rows, how often each delimiter stands in it outside of quotes. A row cut off at the end is left out. */
function countPerRow(sample: string): readonly (readonly number[])[] {
  const rows: number[][] = []
  let counts = characters.map(() => 0)
  let inQuotes = false
  let start = 0
  for (let at = 0; at < sample.length && rows.length < maxRows; at += 1) {
    const character = sample.charAt(at)
    if (character === '"') inQuotes = !inQuotes
    if (inQuotes) continue
    if (character === '\n' || character === '\r') {
      if (at > start) rows.push(counts)
      counts = characters.map(() => 0)
      start = at + 1
    }
    const which = characters.indexOf(character)
    if (which !== -1) counts[which] = (counts[which] ?? 0) + 1
  }
  if (rows.length === 0) rows.push(counts)
  return rows
}
