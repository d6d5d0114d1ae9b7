import { parentPort, workerData } from 'node:worker_threads'
import { openForCheckpoints } from './node-sqlite.ts'

/**
 * A thread that moves what was committed from the write-ahead log into the database file: the copying, and the waiting for
 * the disk (0.1 to 1.9 s at times, measured), would hold up the event loop. `workerData` is the path. It is sent `null`
 * to end, and anything else to make a checkpoint, which it answers.
 */

/** In pages, 64 MiB: the log is then to begin anew, for which writers wait a moment. */
const longLog = 16_384

// Who starts the thread gives it the path.
const database = openForCheckpoints(workerData as string)

parentPort?.on('message', (message) => {
  if (message === null) {
    database.close()
    parentPort?.close()
    return
  }
  try {
    // The bulk of it holds up nobody. With writers that never pause it is never the whole of it.
    if (database.checkpoint('passive').pages > longLog) database.checkpoint('restart')
  } catch {
    // Another process is at it, or the disk is full, of which the writers hear: it is asked for again.
  }
  parentPort?.postMessage('done', [])
})
