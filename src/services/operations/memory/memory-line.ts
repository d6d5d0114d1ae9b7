import type { MemorySample } from '../../../core/memory.ts'
import type { ProcessMemory } from './process-memory.ts'
import type { ThreadsMemory } from './threads-memory.ts'

const megabyte = 2 ** 20
const inMegabytes = (bytes: number) => Math.round((bytes * 10) / megabyte) / 10

/** The fields of the log's line about memory, in MB (2^20 bytes). What is not known yet is left out. */
export function memoryLine(
  { rss, heapUsed, heapTotal, external, arrayBuffers }: MemorySample,
  { held, growth }: Pick<ProcessMemory, 'held' | 'growth'>,
  { latest }: Pick<ThreadsMemory, 'latest'>,
): object {
  return {
    rssMb: inMegabytes(rss),
    heapUsedMb: inMegabytes(heapUsed),
    heapTotalMb: inMegabytes(heapTotal),
    ...(held !== null && { heapAfterGcMb: inMegabytes(held.heapUsed) }),
    externalMb: inMegabytes(external),
    arrayBuffersMb: inMegabytes(arrayBuffers),
    threadHeapsMb: latest.map((thread) => inMegabytes(thread.heapUsed)),
    ...(growth !== null && { growthMbPerMinute: inMegabytes(growth.bytesPerMinute) }),
  }
}
