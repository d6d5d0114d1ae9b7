import type { RequestContext } from '../context.ts'

export async function deleteHeapSnapshot(
  _root: unknown,
  { id }: { readonly id: string },
  { services, principal, client }: RequestContext,
): Promise<boolean> {
  await services.heapSnapshots.remove(principal, id, client)
  return true
}
