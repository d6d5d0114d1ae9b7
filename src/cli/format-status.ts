import { formatResult } from './format-result.ts'
import { printable } from './printable.ts'

/** What is shown of a process, as the server tells it. */
interface ToldProcess {
  readonly number: number
  readonly pid: number
  readonly load: {
    readonly rssBytes: number
    readonly loopDelayP99Ms: number
    readonly loopUtilization: number
    readonly threads: number
    readonly busyThreads: number
    readonly streams: number
  }
  readonly memory: {
    readonly held: { readonly heapUsedBytes: number; readonly externalBytes: number } | null
    readonly growth: { readonly bytesPerMinute: number } | null
  }
  readonly loop: { readonly holds: readonly ToldHold[] }
  readonly shedding: { readonly isOn: boolean; readonly pressure: number } | null
  readonly alerts: readonly string[]
}

interface ToldHold {
  readonly ms: number
  readonly what: string
  readonly operation: string | null
}

export interface ToldStatus {
  readonly silent: readonly number[]
  readonly processes: readonly ToldProcess[]
}

/** Writes it for people: a table of the processes, and below it what is amiss. */
export function formatStatus({ processes, silent }: ToldStatus): string {
  const lines = [
    ...silent.map((number) => `No answer from ${nameOf(number)}.`),
    ...processes.flatMap(({ number, alerts }) => alerts.map((kind) => `Alert of ${nameOf(number)}: ${kind}`)),
    ...processes.flatMap(({ number, loop }) => longestHold(number, loop.holds)),
  ]
  return [formatResult(processes.map(rowOf)), ...lines.map(printable)].join('\n')
}

function rowOf({ number, pid, load, memory, shedding }: ToldProcess) {
  const { held, growth } = memory
  const isPrimary = shedding === null
  return {
    process: number === 0 ? 'primary' : String(number),
    pid: String(pid),
    memory: megabytes(load.rssBytes),
    held: held && megabytes(held.heapUsedBytes + held.externalBytes),
    growth: growth && `${growth.bytesPerMinute < 0 ? '' : '+'}${megabytes(growth.bytesPerMinute)}/min`,
    late: `${load.loopDelayP99Ms.toFixed(1)} ms`,
    busy: percent(load.loopUtilization),
    threads: isPrimary ? null : `${load.busyThreads}/${load.threads}`,
    streams: isPrimary ? null : String(load.streams),
    shedding: shedding && (shedding.isOn ? percent(shedding.pressure) : 'off'),
  }
}

function nameOf(number: number): string {
  return number === 0 ? 'the primary' : `process ${number}`
}

function longestHold(number: number, [longest]: readonly ToldHold[]): string[] {
  if (longest === undefined) return []
  const { ms, what, operation } = longest
  const forWhom = operation === null ? '' : ` for ${operation}`
  return [`What held ${nameOf(number)} longest in ten minutes: ${what}${forWhom}, ${Math.round(ms)} ms`]
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}
