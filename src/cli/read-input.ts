import { readFile } from 'node:fs/promises'
import { CliFailure } from './failure.ts'

/**
 * What `--input` says: a JSON object, written out or in the file that is named; empty where nothing was given. Throws a
 * `CliFailure`.
 */
export async function readInput(given: string | undefined): Promise<Record<string, unknown>> {
  if (given === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(given.trimStart().startsWith('{') ? given : await readFile(given, 'utf8'))
  } catch (error) {
    throw new CliFailure(`--input ${given.slice(0, 200)}: ${error instanceof Error ? error.message : String(error)}`, {
      exitCode: 2,
    })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new CliFailure(`--input ${given.slice(0, 200)}: must hold a JSON object.`, { exitCode: 2 })
}
