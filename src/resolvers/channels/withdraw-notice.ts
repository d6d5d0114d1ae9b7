import type { RequestContext } from '../context.ts'

export async function withdrawNotice(
  _root: unknown,
  { id }: { readonly id: string },
  { services, principal, client }: RequestContext,
): Promise<boolean> {
  await services.notices.withdraw(principal, id, client)
  return true
}
