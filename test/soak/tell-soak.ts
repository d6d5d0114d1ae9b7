import type { SoakReport } from './run-soak.ts'
import type { Sample } from './sample.ts'

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(2)
const kibibytes = (bytes: number) => (bytes / 1024).toFixed(1)

/** The figures of a soak as a table, and what they come to. */
export function tellSoak({ verdict, samples, done, ms }: SoakReport): string {
  const { heap, growthBytes, toleranceBytes, faults } = verdict
  const rows = samples.map(rowOf)
  const leaks = faults.length === 0 ? ['Nothing leaks.'] : faults
  return [
    `${done.jobs} jobs, ${done.requests} requests, ${done.connects} connects in ${Math.round(ms / 1000)} s`,
    'round   heap MiB   external MiB   RSS MiB   sockets   streams   handles and timers   listeners',
    ...rows,
    `heap: ${kibibytes(heap.middle)} KiB a round (at least ${kibibytes(heap.least)} with 95 % confidence),`,
    `      ${mebibytes(growthBytes)} MiB over all rounds that are judged; up to ${mebibytes(toleranceBytes)} MiB are passed over`,
    ...leaks,
  ].join('\n')
}

function rowOf({ heapBytes, externalBytes, rssBytes, held }: Sample, round: number): string {
  const sum = (kind: string) =>
    Object.entries(held).reduce((all, [name, count]) => (name.startsWith(kind) ? all + count : all), 0)
  const cells: readonly (readonly [string | number, number])[] = [
    [round, 5],
    [mebibytes(heapBytes), 11],
    [mebibytes(externalBytes), 15],
    [mebibytes(rssBytes), 10],
    [held['connections'] ?? 0, 10],
    [held['streams'] ?? 0, 10],
    [sum('resource '), 21],
    [sum('listeners '), 12],
  ]
  return cells.map(([value, width]) => String(value).padStart(width)).join('')
}
