import { dateOf, typeOfCell, type CellType } from './cell-type.ts'

/** What one text is read as. */
export interface CellReading {
  readonly type: CellType
  /** Of a number its value, of a date its time in ms since 1970, else 0. */
  readonly value: number
}

const text: CellReading = { type: 'TEXT', value: 0 }
const boolean: CellReading = { type: 'BOOLEAN', value: 0 }

/** Reads a cell that is not empty; spaces around it do not count. */
export function readCell(cell: string): CellReading {
  const trimmed = cell.trim()
  const type = typeOfCell(trimmed)
  if (type === 'TEXT') return text
  if (type === 'BOOLEAN') return boolean
  return { type, value: type === 'DATE' ? (dateOf(trimmed) ?? 0) : Number(trimmed) }
}
