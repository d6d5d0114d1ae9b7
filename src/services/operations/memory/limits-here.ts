/** Over what a process is told to have too much, in bytes. */
interface MemoryLimits {
  readonly heapBytes: number
  readonly rssBytes: number
}

/** What there is to be had, in bytes. */
export interface MemoryToBeHad {
  /** How large V8 lets the heap of the main thread become. */
  readonly heapBytes: number
  /** How much the container, or what else confines the process, lets it have; 0 where nothing does. */
  readonly confinedBytes: number
}

/** Of what there is to be had: an alert must come before the end. */
const part = 0.85

/** The limits, or what can be reached of them. */
export function limitsHere<Limits extends MemoryLimits>(
  limits: Limits,
  { heapBytes, confinedBytes }: MemoryToBeHad,
): Limits {
  return {
    ...limits,
    heapBytes: Math.min(limits.heapBytes, part * heapBytes),
    rssBytes: confinedBytes > 0 ? Math.min(limits.rssBytes, part * confinedBytes) : limits.rssBytes,
  }
}
