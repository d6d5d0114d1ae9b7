import type { HeapSnapshot } from '../../core/heap-snapshot.ts'
import type { RequestContext } from '../context.ts'

export async function heapSnapshots(
  _root: unknown,
  _args: object,
  { services, principal }: RequestContext,
): Promise<HeapSnapshot[]> {
  return [...(await services.heapSnapshots.list(principal))]
}
