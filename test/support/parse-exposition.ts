import { canonicalJson } from '../../src/core/canonical-json.ts'

/** One line of an exposition. */
export interface ExposedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ExposedFamily {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly ExposedSample[]
}

/**
 * Reads the text format of Prometheus, version 0.0.4, more strictly than Prometheus does. Throws, with the line, for what the format does
 * not have, for a family that comes twice or whose samples are not together, and for a sample that comes twice.
 */
export function parseExposition(text: string): ReadonlyMap<string, ExposedFamily> {
  if (!text.endsWith('\n')) throw new Error('The last line does not end.')
  const families = new Map<string, OpenFamily>()
  let help = { name: '', text: '' }
  let current: OpenFamily | null = null
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helped, sentence = ''] = /^# HELP ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? []
    const [, typed, type = ''] = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/.exec(line) ?? []
    if (helped !== undefined) {
      help = { name: helped, text: unescape(sentence) }
    } else if (typed === undefined) {
      addSample(current, line)
    } else {
      if (help.name !== typed || families.has(typed)) throw new Error(`Not the beginning of a family: ${line}`)
      current = { name: typed, help: help.text, type, samples: [], seen: new Set() }
      families.set(typed, current)
    }
  }
  for (const family of families.values()) if (family.type === 'histogram') assertHistogram(family)
  return families
}

interface OpenFamily extends ExposedFamily {
  readonly samples: ExposedSample[]
  readonly seen: Set<string>
}

function addSample(family: OpenFamily | null, line: string): void {
  const sample = parseSample(line)
  if (family === null || !belongs(sample.name, family)) throw new Error(`Not of the family before: ${line}`)
  const key = canonicalJson({ name: sample.name, labels: sample.labels })
  if (family.seen.has(key)) throw new Error(`It came before: ${line}`)
  family.seen.add(key)
  family.samples.push(sample)
}

function belongs(name: string, family: ExposedFamily): boolean {
  if (family.type !== 'histogram') return name === family.name
  return [`${family.name}_bucket`, `${family.name}_sum`, `${family.name}_count`].includes(name)
}

const label = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"`
const sampleShape = new RegExp(
  String.raw`^([a-zA-Z_:][\w:]*)(?:\{(${label}(?:,${label})*)\})? (-?[\d.]+(?:e[+-]?\d+)?)$`,
)

function parseSample(line: string): ExposedSample {
  const found = sampleShape.exec(line)
  if (found === null) throw new Error(`Not a sample: ${line}`)
  const [, name = '', text = '', value = ''] = found
  const labels: Record<string, string> = {}
  for (const [, key = '', quoted = ''] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    if (labels[key] !== undefined) throw new Error(`The label ${key} comes twice: ${line}`)
    labels[key] = unescape(quoted)
  }
  return { name, labels, value: Number(value) }
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
}

/** Throws unless each of its buckets holds what those below it hold, and the last all that was counted. */
function assertHistogram({ name, samples }: ExposedFamily): void {
  const series = new Map<string, { bounds: number[]; counts: number[]; count: number | null; hasSum: boolean }>()
  for (const { name: sampleName, labels, value } of samples) {
    const { le, ...rest } = labels
    const key = canonicalJson(rest)
    const one = series.get(key) ?? { bounds: [], counts: [], count: null, hasSum: false }
    series.set(key, one)
    if (sampleName === `${name}_sum`) one.hasSum = true
    else if (sampleName === `${name}_count`) one.count = value
    else {
      one.bounds.push(le === '+Inf' ? Infinity : Number(le ?? Number.NaN))
      one.counts.push(value)
    }
  }
  for (const [key, { bounds, counts, count, hasSum }] of series) {
    const ascends = (values: readonly number[]) =>
      values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0))
    const isWhole = hasSum && bounds.at(-1) === Infinity && counts.at(-1) === count
    if (!isWhole || !ascends(bounds) || !ascends(counts)) throw new Error(`Not a histogram: ${name} ${key}`)
  }
}
