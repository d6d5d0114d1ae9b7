import { type ErrorCode, Refusal } from '../core/errors.ts'
import { Refused } from './refused.ts'

/** Runs a command and turns the refusals that its union expects into values; every other error goes on. */
export async function outcome<T>(expected: readonly ErrorCode[], command: () => Promise<T>): Promise<T | Refused> {
  try {
    return await command()
  } catch (error) {
    if (error instanceof Refusal && expected.includes(error.code)) return new Refused(error)
    throw error
  }
}
