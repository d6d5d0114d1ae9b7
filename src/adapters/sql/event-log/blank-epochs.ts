import type { Kysely } from 'kysely'
import { newSecret } from '../../../core/secrets.ts'
import { blankMs } from '../../../ports/event-log.ts'
import { prepared } from '../prepared.ts'
import type { Database } from '../schema.ts'

/** The names of the rows whose epochs are the blank ones. They are closed, so nothing is ever appended to them. */
export const blank = ''
const blankBefore = ' '

/** The blank epochs that are honoured, the present one first. */
export async function readBlanks(db: Kysely<Database>): Promise<readonly string[]> {
  return (await findBlanks(db, {})).map(({ epoch }) => epoch)
}

const findBlanks = prepared((db, _nothing: object) =>
  db.selectFrom('topics').select('epoch').where('name', 'in', [blank, blankBefore]).orderBy('name'),
)

/**
 * Makes the present blank epoch the one before, and draws another. Who calls it must hold the row of the present one, which was
 * to be changed at `due`. One that was the present one for twice its time, while nothing was tidied, is not honoured any more.
 */
export async function changeBlank(db: Kysely<Database>, now: number, due: number): Promise<void> {
  const [present] = await readBlanks(db)
  if (present === undefined) throw new Error('The row of the blank epoch is missing in the table topics.')
  const epoch = due + blankMs <= now ? newSecret(9) : present
  await db
    .insertInto('topics')
    .values({ name: blankBefore, epoch, closed: 1 })
    .onConflict((on) => on.column('name').doUpdateSet({ epoch }))
    .execute()
  const next = { epoch: newSecret(9), tidy_at: now + blankMs }
  await db.updateTable('topics').set(next).where('name', '=', blank).execute()
}
