import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nameOf, type NamedFacts } from '../../src/adapters/local/heap-snapshot-name.ts'
import { newId } from '../../src/core/ids.ts'

/** Puts a heap snapshot into a data folder as if a process had taken it. */
export async function seedHeapSnapshot(
  dataDir: string,
  { content = '{"snapshot":{}}', ...facts }: Partial<NamedFacts> & { readonly content?: string | Uint8Array } = {},
): Promise<NamedFacts & { readonly path: string }> {
  const folder = join(dataDir, 'snapshots')
  const snapshot: NamedFacts = {
    id: newId('heapSnapshot'),
    member: 1,
    pid: 4711,
    threadId: null,
    reason: 'HEAP_HIGH',
    takenAt: Date.now(),
    pausedMs: 250,
    ...facts,
  }
  const path = join(folder, nameOf(snapshot))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(path, content, { mode: 0o600 })
  return { ...snapshot, path }
}
