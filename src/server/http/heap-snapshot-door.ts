import { pipeline } from 'node:stream/promises'
import { NotFoundError } from '../../core/errors.ts'
import type { HeapSnapshot } from '../../core/heap-snapshot.ts'
import type { HeapSnapshotService } from '../../services/operations/heap-snapshots/heap-snapshots.ts'
import type { OpenContext } from '../request-context.ts'
import { attachment } from './content-disposition.ts'
import type { Door } from './exchange.ts'
import { requireMethod } from './method.ts'

export interface HeapSnapshotDoorOptions {
  readonly heapSnapshots: Pick<HeapSnapshotService, 'find' | 'open'>
  readonly openContext: OpenContext
}

export const heapSnapshotPath = '/heap-snapshots/'

/** Answers `/heap-snapshots/:id` with a heap snapshot, at the client's pace, for who may have it. It is kept nowhere on its way. */
export function createHeapSnapshotDoor({ heapSnapshots, openContext }: HeapSnapshotDoorOptions): Door {
  return async ({ response, facts, method, path }) => {
    requireMethod(method, ['GET', 'HEAD'])
    const id = path.slice(heapSnapshotPath.length)
    const { principal, client } = await openContext({ ...facts, resume: null })
    if (method === 'HEAD') {
      response.writeHead(200, headersOf(found(await heapSnapshots.find(principal, id)))).end()
      return
    }
    const { snapshot, source } = found(await heapSnapshots.open(principal, id, client))
    if (response.destroyed) return void source.destroy()
    response.writeHead(200, headersOf(snapshot))
    try {
      await pipeline(source, response)
    } catch (error) {
      // When the client goes, the file is closed and nobody is left to be told.
      const isGone = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
      if (!isGone) throw error
    }
  }
}

function found<T>(value: T | null): T {
  if (value === null) throw new NotFoundError('heap snapshot')
  return value
}

function headersOf({ id, sizeBytes }: HeapSnapshot) {
  return {
    'content-type': 'application/octet-stream',
    'content-length': sizeBytes,
    'content-disposition': attachment(`${id}.heapsnapshot`),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'cache-control': 'no-store',
  }
}
