import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import type { Store } from '../../src/ports/store.ts'

/** A folder of the test's own; gone with everything in it when the test is over. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string
}

export async function makeTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A real store in a folder of its own. `path` is its file, for who wants a second one on it. */
export interface TestStore extends Store {
  readonly path: string
}

export async function openTestStore(): Promise<TestStore> {
  const folder = await makeTestFolder()
  const path = join(folder.path, 'millrace.sqlite')
  const store = await sqliteStore({ path })
  return {
    ...store,
    path,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
