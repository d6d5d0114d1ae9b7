import { Refusal } from '../../core/errors.ts'
import type { LogLevel } from '../../core/job.ts'
import { type Maintenance, type RuntimeSettings, unsetRuntimeSettings } from '../../core/runtime-settings.ts'
import type { Records } from '../../ports/store.ts'

/** The name under which they are stored, as one JSON text: whoever reads them sees all of one change. */
const name = 'runtimeSettings'

export async function readRuntimeSettings({ settings }: Records): Promise<RuntimeSettings> {
  return parse(await settings.get(name))
}

/**
 * Changes them and answers what they are then; does nothing where nothing changes. Of two who change them at the same moment
 * none undoes what the other did: throws `OVERLOADED` for the one who came second, on an engine that lets both in.
 */
export async function changeRuntimeSettings(
  { settings }: Records,
  change: (before: RuntimeSettings) => RuntimeSettings,
): Promise<{ readonly settings: RuntimeSettings; readonly isChanged: boolean }> {
  const stored = await settings.get(name)
  const before = parse(stored)
  const after = change(before)
  const text = JSON.stringify(after)
  if (text === JSON.stringify(before)) return { settings: before, isChanged: false }
  if (!(await settings.set(name, text, stored))) {
    throw new Refusal(
      'OVERLOADED',
      'Somebody else changed the settings at the same moment: look at them, and try again.',
    )
  }
  return { settings: after, isChanged: true }
}

/** What cannot be read, such as what a newer version wrote, counts as unset. */
function parse(text: string | null): RuntimeSettings {
  if (text === null) return unsetRuntimeSettings
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return unsetRuntimeSettings
    const { logLevel, maintenance } = value as Readonly<Record<string, unknown>> // an object out of JSON
    return {
      logLevel: isLevel(logLevel) ? logLevel : null,
      maintenance: isMaintenance(maintenance) ? maintenance : null,
    }
  } catch {
    return unsetRuntimeSettings
  }
}

const levels: ReadonlySet<unknown> = new Set(['debug', 'info', 'warn', 'error'] satisfies LogLevel[])

function isLevel(value: unknown): value is LogLevel {
  return levels.has(value)
}

function isMaintenance(value: unknown): value is Maintenance {
  if (typeof value !== 'object' || value === null) return false
  const { message, since, by } = value as Readonly<Record<string, unknown>> // an object out of JSON
  return typeof message === 'string' && typeof since === 'number' && typeof by === 'string'
}
