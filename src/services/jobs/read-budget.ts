import { Refusal } from '../../core/errors.ts'

/** How much output one operation may still read, in characters of JSON. Shared by all that the operation selects. */
export interface ReadBudget {
  charactersLeft: number
}

/** As much as the largest output costs field by field, so that any one of them can be read. */
const outputBudget = 4 * 2 ** 20

/** How an output is answered: as it is, or field by field, which takes several times as long for each character. */
export type OutputForm = 'JSON' | 'FIELDS'

const costPerCharacter = { JSON: 1, FIELDS: 4 } satisfies Record<OutputForm, number>

export function createReadBudget(): ReadBudget {
  return { charactersLeft: outputBudget }
}

/** Throws `OPERATION_TOO_COSTLY` when nothing is left; asked before anything is read. */
export function assertBudgetLeft(budget: ReadBudget): void {
  if (budget.charactersLeft <= 0) throw tooCostly()
}

/** Takes so many characters off. Throws `OPERATION_TOO_COSTLY` when there are not so many, and leaves nothing. */
export function spend(budget: ReadBudget, characters: number, form: OutputForm = 'JSON'): void {
  const left = budget.charactersLeft - characters * costPerCharacter[form]
  // A whole budget pays for any one output: what is read first is never refused.
  const isFirst = budget.charactersLeft === outputBudget
  budget.charactersLeft = Math.max(0, left)
  if (left < 0 && !isFirst) throw tooCostly()
}

function tooCostly(): Refusal {
  return new Refusal(
    'OPERATION_TOO_COSTLY',
    `One operation may read ${outputBudget / 2 ** 20} MiB of outputs, of which those in fields count ${costPerCharacter.FIELDS} times. Ask for fewer jobs at a time.`,
  )
}
