import type { Page } from '../../core/page.ts'
import type { User } from '../../services/accounts/outward.ts'
import type { RequestContext } from '../context.ts'

interface Arguments {
  readonly first: number
  readonly after?: string | null | undefined
  readonly search?: string | null | undefined
}

export function users(
  _root: unknown,
  { first, after = null, search = null }: Arguments,
  { services, principal }: RequestContext,
): Promise<Page<User>> {
  return services.accounts.users({ first, after, search }, principal)
}
