import { isJsonObject, type JsonObject } from '../core/json-object.ts'
import { printable } from './printable.ts'

/** Writes a result for people: nested values indented, lists of records as tables. */
export function formatResult(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return formatList(value, indent)
  if (!isJsonObject(value)) return `${indent}${formatScalar(value)}`
  const width = Math.max(0, ...Object.keys(value).map((key) => key.length))
  return Object.entries(value)
    .map(([key, item]) =>
      isNested(item)
        ? `${indent}${key}:\n${formatResult(item, `${indent}  `)}`
        : `${indent}${`${printable(key)}:`.padEnd(width + 2)}${formatScalar(item)}`,
    )
    .join('\n')
}

function formatList(items: readonly unknown[], indent: string): string {
  if (items.length === 0) return `${indent}(none)`
  if (items.every(isJsonObject)) return formatTable(items, indent)
  return items
    .map((item) => (isNested(item) ? formatResult(item, `${indent}  `) : `${indent}${formatScalar(item)}`))
    .join('\n')
}

/** One row per record and one column per field that is a plain value in every record; a line below names the other fields. */
function formatTable(rows: readonly JsonObject[], indent: string): string {
  const all = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const names = all.filter((name) => rows.every((row) => !isNested(row[name])))
  const nested = all.filter((name) => !names.includes(name))
  const cells = [names, ...rows.map((row) => names.map((name) => formatScalar(row[name])))]
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  const more = nested.length === 0 ? [] : [`(and ${nested.join(', ')}: see --json)`]
  return [...lines, ...more].map((line) => indent + line.trimEnd()).join('\n')
}

function formatScalar(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number')
    return Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(6)))
  if (typeof value === 'string') return printable(value.length > 40 ? `${value.slice(0, 39)}…` : value)
  return JSON.stringify(value)
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
