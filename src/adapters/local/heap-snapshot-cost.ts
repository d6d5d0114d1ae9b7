import type { HeapSnapshotEstimate } from '../../core/heap-snapshot.ts'

/** What V8 said before one was taken, or after it, in bytes. */
export interface HeapReading {
  readonly heapUsed: number
  readonly rss: number
}

/** What the last one cost. */
interface HeapSnapshotCost {
  readonly before: HeapReading
  readonly after: HeapReading
  readonly pausedMs: number
  readonly sizeBytes: number
}

interface Rates {
  /** `null`: not known yet. */
  readonly msPerByte: number | null
  readonly fileBytesPerByte: number
  readonly memoryBytesPerByte: number
}

/**
 * What a byte of heap costs at most. Measured with Node 26 over heaps of 20, 50, 200 and 450 MB. Small objects are the worst case: 55, 75, 110
 * and 115 ms, 1.7 to 2.1 bytes of file and 14 to 16 bytes of memory; long strings cost 15 ms, 0.5 and 1.6 bytes.
 */
const worst = { msPerByte: null, fileBytesPerByte: 2.2, memoryBytesPerByte: 17 } as const satisfies Rates

/** In ms: nearly 125 for each MB of a large heap, and less for each of a small one. */
function worstPauseMs(heapUsed: number): number {
  const mb = heapUsed / 2 ** 20
  return (125 * mb * mb) / (mb + 25)
}

/** By how much more than the last one the next one may cost: the heap may hold other things, and time grows faster than size. */
const margin = 1.5

/** Expects what one costs by the heap that is used and by what the last one cost. */
export function createHeapSnapshotCosts() {
  let rates: Rates = worst
  /** What the allocator keeps of the memory for earlier ones and gives to the next one. */
  let kept = 0

  return {
    expect(heapUsed: number): Pick<HeapSnapshotEstimate, 'pauseMs' | 'sizeBytes' | 'memoryBytes'> {
      return {
        pauseMs: Math.ceil(Math.min(worstPauseMs(heapUsed), heapUsed * (rates.msPerByte ?? Infinity))),
        sizeBytes: Math.ceil(heapUsed * rates.fileBytesPerByte),
        memoryBytes: Math.max(0, Math.ceil(heapUsed * rates.memoryBytesPerByte) - kept),
      }
    },
    learn({ before, after, pausedMs, sizeBytes }: HeapSnapshotCost): void {
      const grown = Math.max(0, after.rss - before.rss)
      // Taking one collects the garbage first, so that what is used afterwards is what was in it.
      const per = (value: number, most: number) => Math.min(most, (margin * value) / after.heapUsed)
      rates = {
        msPerByte: per(pausedMs, Infinity),
        fileBytesPerByte: per(sizeBytes, worst.fileBytesPerByte),
        memoryBytesPerByte: per(grown + kept, worst.memoryBytesPerByte),
      }
      kept += grown
    },
  }
}
