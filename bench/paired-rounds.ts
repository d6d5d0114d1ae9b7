import { setImmediate as nextTurn } from 'node:timers/promises'

/** Something that is done again and again; one call is one unit of what is measured. */
export type Variant = () => Promise<unknown>

export interface Figure {
  /** CPU µs of one call, of this process with all of its threads: median over the rounds. */
  readonly median: number
  /** The same in the best and in the worst round. */
  readonly lowest: number
  readonly highest: number
  /** How many times what the first variant takes: median of the ratios within a round. */
  readonly ratio: number
}

export interface RoundsOptions {
  readonly rounds: number
  /** About how long one variant runs in one round, in ms: short enough for timers to come in between. */
  readonly sliceMs: number
}

/** Measures the CPU time of variants against each other, in rounds in which all of them take part. */
export async function measurePaired<Name extends string>(
  variants: Readonly<Record<Name, Variant>>,
  { rounds, sliceMs }: RoundsOptions,
): Promise<Readonly<Record<Name, Figure>>> {
  const names = Object.keys(variants) as Name[] // the keys of the record
  const calls = new Map<Name, number>()
  for (const name of names) calls.set(name, await callsWithin(variants[name], sliceMs))
  const measured: Map<Name, number>[] = []
  for (let round = 0; round < rounds; round += 1) {
    const costs = new Map<Name, number>()
    for (const name of rotated(names, round)) costs.set(name, await cost(variants[name], calls.get(name) ?? 1))
    measured.push(costs)
  }
  const [first] = names
  const of = (name: Name) => measured.map((costs) => costs.get(name) ?? Number.NaN)
  const figures = names.map((name) => {
    const ratios = measured.map((costs) => (costs.get(name) ?? 0) / (first === undefined ? 1 : (costs.get(first) ?? 1)))
    const all = of(name)
    return [name, { median: median(all), lowest: Math.min(...all), highest: Math.max(...all), ratio: median(ratios) }]
  })
  return Object.fromEntries(figures) as Record<Name, Figure> // one for each name
}

/** How many calls fill the slice, found by doubling; warms the code up besides. */
async function callsWithin(variant: Variant, sliceMs: number): Promise<number> {
  for (let calls = 8; ; calls *= 2) {
    const started = performance.now()
    await repeat(variant, calls)
    const ms = performance.now() - started
    if (ms >= sliceMs / 2) return Math.max(1, Math.round((calls * sliceMs) / ms))
    await nextTurn()
  }
}

async function cost(variant: Variant, calls: number): Promise<number> {
  await nextTurn()
  const before = process.cpuUsage()
  await repeat(variant, calls)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

async function repeat(variant: Variant, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) await variant()
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The value below which that part of all values lies. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
