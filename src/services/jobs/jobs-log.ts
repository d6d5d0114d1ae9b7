import type { JobStateChange } from '../../core/job.ts'
import type { Records } from '../../ports/store.ts'
import { keepFrom, retention } from '../streams/retention.ts'

/** The topic on which all of a user's jobs are told of. It is written only while somebody wants it. */
export function jobsTopic(userId: string): string {
  return `jobs:${userId}`
}

/**
 * Tells the owners what became of their jobs, in the transaction that made it so, after all that it told the jobs' own topics.
 * An owner who does not listen costs one statement, however many jobs are theirs.
 */
export async function tellOwners({ log }: Records, changes: readonly JobStateChange[]): Promise<void> {
  const byOwner = Map.groupBy(changes, ({ job }) => job.ownerId)
  // In the order of the topics' names.
  for (const ownerId of [...byOwner.keys()].toSorted()) {
    for (const change of byOwner.get(ownerId) ?? []) {
      const told = await log.appendIfThere(jobsTopic(ownerId), { ...change }, keepFrom(change.at, retention.jobs))
      if (told === null) break
    }
  }
}
