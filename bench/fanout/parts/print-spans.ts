import { median } from '../../paired-rounds.ts'
import { type Pattern, patterns, type Spans } from './rounds.ts'

export const titles: Readonly<Record<Pattern, string>> = { 1: 'one event at a time', 4: 'bursts of 4 events' }

/** Prints a table of what each delivery costs; × is against the first of them. */
export function printSpans(spans: Spans, names: readonly string[], title: string): void {
  const [first] = names
  for (const pattern of patterns) {
    console.log(`${title}, ${titles[pattern]}`)
    console.log(`  ${''.padEnd(14)} CPU µs per delivery (from to)      ×   deliveries/s`)
    for (const name of names) {
      const costs = spans.costs(name, pattern)
      const range = `(${Math.min(...costs).toFixed(1)} ${Math.max(...costs).toFixed(1)})`
      const ratio = first === undefined ? Number.NaN : spans.ratio(name, first, pattern)
      const perSecond = Math.round(spans.perSecond(name, pattern)).toLocaleString('en')
      console.log(
        `  ${name.padEnd(14)} ${median(costs).toFixed(1).padStart(10)} ${range.padEnd(18)} ` +
          `${ratio.toFixed(2).padStart(8)} ${perSecond.padStart(12)}`,
      )
    }
  }
}
