import type { MemoryMark, MemorySample } from '../../../core/memory.ts'

/** Samples that are kept under names. */
export interface MemoryMarks {
  add(label: string, sample: MemorySample): void
  has(label: string): boolean
  read(): readonly MemoryMark[]
}

export const baselineLabel = 'baseline'
const maxMarks = 20

/** The newest 20, of one label the newest alone, and the baseline whatever comes after it. */
export function createMemoryMarks(): MemoryMarks {
  let marks: readonly MemoryMark[] = []

  return {
    add(label, sample) {
      const all = [...marks.filter((mark) => mark.label !== label), { label, sample }]
      const oldest = all.find((mark) => mark.label !== baselineLabel)
      marks = all.length > maxMarks ? all.filter((mark) => mark !== oldest) : all
    },
    has: (label) => marks.some((mark) => mark.label === label),
    read: () => marks,
  }
}
