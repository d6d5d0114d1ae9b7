import type { MemoryMark } from '../../../core/memory.ts'
import type { ProcessStatus, SystemStatus } from '../../../core/system-status.ts'

/** How many of each a process tells at most. */
export interface StatusBounds {
  readonly spaces: number
  readonly threads: number
  readonly marks: number
  readonly resources: number
  readonly holds: number
}

/** Of an answer. */
export const statusBounds: StatusBounds = { spaces: 12, threads: 64, marks: 10, resources: 30, holds: 50 }

/** Of a sample, which is kept: about 10 kB for each process. */
const sampleBounds: StatusBounds = { ...statusBounds, holds: 10 }

/** How much of a label is kept, in characters. */
const maxLabel = 100

/** What the process says, with the longest holds, the most frequent resources, and the baseline and the newest of the marks. */
export function boundedProcess(status: ProcessStatus, bounds: StatusBounds): ProcessStatus {
  const { memory, loop } = status
  return {
    ...status,
    memory: {
      ...memory,
      spaces: memory.spaces.slice(0, bounds.spaces),
      threads: memory.threads.slice(0, bounds.threads),
      marks: boundedMarks(memory.marks, bounds.marks),
    },
    loop: {
      ...loop,
      resources: loop.resources.slice(0, bounds.resources),
      holds: loop.holds.slice(0, bounds.holds),
    },
  }
}

/** The status as it goes into the log, where nothing may be of any length. */
export function boundedSystem(status: SystemStatus): SystemStatus {
  return { ...status, processes: status.processes.map((one) => boundedProcess(one, sampleBounds)) }
}

function boundedMarks(marks: readonly MemoryMark[], most: number): readonly MemoryMark[] {
  const baseline = marks.filter(({ label }) => label === 'baseline').slice(-1)
  const others = marks.filter(({ label }) => label !== 'baseline')
  const newest = others.slice(Math.max(0, others.length - (most - baseline.length)))
  return [...baseline, ...newest].map(({ label, sample }) => ({ label: label.slice(0, maxLabel), sample }))
}
