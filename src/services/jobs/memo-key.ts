import { sha256 } from '../../core/secrets.ts'
import type { Store } from '../../ports/store.ts'
import { canonicalJson } from '../../core/canonical-json.ts'
import type { DescribedJob } from './describe-job.ts'
import type { TaskCatalogue } from './task-catalogue.ts'

/**
 * What the job's result is remembered under: the hash of its input, in which a file counts by its content. `null` where the
 * task remembers nothing, or where a file of the input is not there.
 *
 * Files are looked up before the transaction that enters the job, so that nothing is hashed within it: an artifact never
 * changes, and one that has gone meanwhile is found missing there.
 */
export async function readMemoKey(store: Store, tasks: TaskCatalogue, job: DescribedJob): Promise<string | null> {
  const task = tasks.find(job.task)
  if ((task?.memoizeForMs ?? null) === null) return null
  const hashes = await readHashes(store, job.artifactIds)
  if (hashes.size < job.artifactIds.length) return null
  return sha256(canonicalJson(tasks.withContents(job.task, job.input, hashes)))
}

async function readHashes(store: Store, artifactIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>()
  if (artifactIds.length === 0) return hashes
  await store.read(async ({ artifacts }) => {
    for (const id of artifactIds) {
      const artifact = await artifacts.find(id)
      if (artifact !== null) hashes.set(id, artifact.hash)
    }
  })
  return hashes
}
