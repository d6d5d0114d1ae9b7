import type { HeapSnapshot } from '../../core/heap-snapshot.ts'
import type { RequestContext } from '../context.ts'

export function heapSnapshotUrl({ id }: HeapSnapshot, _arguments: object, { publicUrl }: RequestContext): string {
  return `${publicUrl}/heap-snapshots/${id}`
}
