import { readFileSync } from 'node:fs'

/** `file:line` of a key of the task that the file defines, or of the task itself; the file alone where it is not found. */
export function definitionPlace(file: string, key: string | null): string {
  const line = lineOfDefinition(read(file), key)
  return line === null ? file : `${file}:${line}`
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It was there a moment ago: what is said of it needs no line.
    return ''
  }
}

const beginnings = [/\bdefineTask\s*(?:<.*>)?\(/, /\bexport\s+default\b/, /\bexports(?:\.default)?\s*=[^=]/]

function lineOfDefinition(source: string, key: string | null): number | null {
  const lines = source.split('\n')
  const start = beginnings.map((beginning) => lines.findIndex((line) => beginning.test(line))).find((at) => at !== -1)
  if (start === undefined) return null
  const at = key === null ? undefined : lineOfKey(lines, start, key)
  return (at ?? start) + 1
}

/** Keys of the same name may lie deeper: that of the task is indented least. */
function lineOfKey(lines: readonly string[], start: number, key: string): number | undefined {
  const outer = indentOf(lines[start] ?? '')
  const length = lines.slice(start + 1).findIndex((line) => /^\s*[)}]/.test(line) && indentOf(line) <= outer)
  const end = length === -1 ? lines.length : start + 1 + length
  const named = new RegExp(`(?:^|[{,])\\s*(?:async\\s+)?(['"]?)${RegExp.escape(key)}\\1\\s*(?:[:(,}]|$)`)
  const found = lines.keys().filter((at) => at >= start && at < end && named.test(lines[at] ?? ''))
  return [...found].toSorted((a, b) => indentOf(lines[a] ?? '') - indentOf(lines[b] ?? ''))[0]
}

function indentOf(line: string): number {
  return line.search(/\S|$/)
}
