import { type FSWatcher, watch } from 'node:fs'

export interface TaskWatchOptions {
  readonly folders: readonly string[]
  /** Called some time after files changed, never while an earlier call is under way. What it rejects with is its own to tell. */
  readonly changed: () => Promise<void>
  /** Hears that a folder can no longer be watched. */
  readonly failed: (error: unknown) => void
}

/** An editor writes a file in several steps: they are over when so many ms were quiet. */
const quietMs = 100

/** Watches the sources in the folders, and below them, until it is disposed of. */
export function watchTaskFolders({ folders, changed, failed }: TaskWatchOptions): AsyncDisposable {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let again = false
  let closed = false

  async function run(): Promise<void> {
    do {
      again = false
      await changed().catch(failed)
    } while (again && !closed)
    running = null
  }

  function note(): void {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => {
      again = true
      running ??= run()
    }, quietMs)
  }

  const watchers = folders.flatMap((folder) => openWatcher(folder, note, failed))
  return {
    async [Symbol.asyncDispose]() {
      closed = true
      for (const watcher of watchers) watcher.close()
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}

/** What a task may be made of: a database or a log below the folder changes all the time. */
const source = /\.([mc]?[jt]s|json)$/

function openWatcher(folder: string, note: () => void, failed: (error: unknown) => void): readonly FSWatcher[] {
  try {
    const watcher = watch(folder, { recursive: true }, (_event, name) => {
      // Of a change without a name nothing is known.
      if (name === null || source.test(name)) note()
    })
    watcher.on('error', failed)
    return [watcher]
  } catch (error) {
    failed(error)
    return []
  }
}
