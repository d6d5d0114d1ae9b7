import { isJsonObject, type JsonObject } from '../../../core/json-object.ts'
import type { ProcessStatus } from '../../../core/system-status.ts'
import { boundedProcess, statusBounds } from './bounded-status.ts'

type Form = 'number' | 'string' | 'object' | 'list'

/** What everything that is done here with a status rests on. The rest of it was said by the same program. */
const forms = {
  '': { pid: 'number', version: 'string', nodeVersion: 'string', at: 'number', load: 'object', alerts: 'list' },
  memory: { now: 'object', spaces: 'list', threads: 'list', marks: 'list' },
  loop: { gc: 'list', resources: 'list', holds: 'list' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Form>>>>

/** Reads what the process of that number says of itself; `null` where it said nothing, or something else. */
export function readProcessStatus(number: number, answer: unknown): ProcessStatus | null {
  if (!isJsonObject(answer)) return null
  for (const [part, fields] of Object.entries(forms)) {
    const value = part === '' ? answer : answer[part]
    if (!isJsonObject(value) || !hasForm(value, fields)) return null
  }
  // Answered by `ownStatus` of the same program, at the worst by the one before it.
  const status = answer as unknown as ProcessStatus
  return boundedProcess({ ...status, number }, statusBounds)
}

function hasForm(value: JsonObject, fields: Readonly<Record<string, Form>>): boolean {
  return Object.entries(fields).every(([name, form]) => {
    const field = value[name]
    if (form === 'object') return isJsonObject(field)
    return form === 'list' ? Array.isArray(field) : typeof field === form
  })
}
