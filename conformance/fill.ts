import { at, isObject } from './json.ts'

/** The variables with the values of a table in the place of their `{{names}}`. A name that the table lacks is a `TypeError`. */
export function fill(value: unknown, table: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/\{\{([^{}]+)\}\}/g, (_all, name: string) => look(table, name))
  if (Array.isArray(value)) return value.map((member) => fill(member, table))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fill(member, table)]))
}

/** Whether a name is used anywhere in the variables. */
export function uses(value: unknown, name: string): boolean {
  return (JSON.stringify(value) ?? '').includes(`{{${name}}}`)
}

function look(table: unknown, name: string): string {
  const found = at(table, ...name.trim().split('.'))
  if (typeof found === 'string' || typeof found === 'number') return String(found)
  throw new TypeError(`Nothing was found for {{${name}}}.`)
}
