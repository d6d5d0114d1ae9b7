import { Refusal } from '../../core/errors.ts'

/** How much output one operation may still read, in characters of JSON. Shared by all that the operation selects. */
export interface ReadBudget {
  charactersLeft: number
}

/** As much as the largest output has, so that any one of them can be read. */
const outputBudget = 8 * 1024 * 1024

export function createReadBudget(): ReadBudget {
  return { charactersLeft: outputBudget }
}

/** Throws `OPERATION_TOO_COSTLY` when nothing is left; asked before anything is read. */
export function assertBudgetLeft(budget: ReadBudget): void {
  if (budget.charactersLeft <= 0) throw tooCostly()
}

/** Takes so many characters off. Throws `OPERATION_TOO_COSTLY` when there are not so many, and leaves nothing. */
export function spend(budget: ReadBudget, characters: number): void {
  const left = budget.charactersLeft - characters
  // A whole budget pays for any one output: what is read first is never refused.
  const isFirst = budget.charactersLeft === outputBudget
  budget.charactersLeft = Math.max(0, left)
  if (left < 0 && !isFirst) throw tooCostly()
}

function tooCostly(): Refusal {
  return new Refusal(
    'OPERATION_TOO_COSTLY',
    `One operation may read ${outputBudget / 1024 / 1024} MiB of outputs. Ask for fewer jobs at a time.`,
  )
}
