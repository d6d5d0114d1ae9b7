import { InvalidInputError } from '../../../core/errors.ts'
import { type Page, type PageRequest, readPageRequest, toPage } from '../../../core/page.ts'
import type { User } from '../outward.ts'
import { readEmailAddress } from '../entry/email-address.ts'
import { toUser } from '../outward.ts'
import type { AccountParts } from '../parts.ts'
import { type Administrator, assertMayAdminister } from './administrator.ts'

/** Finding users. */
export interface UserList {
  /** Users, newest first; with `search` those with that part in the email address or the name. Throws `InvalidInputError`. */
  users(ask: PageRequest & { readonly search: string | null }, by: Administrator): Promise<Page<User>>
  /** The user with that id or email address; `null`: there is none. */
  findUser(idOrEmail: string, by: Administrator): Promise<User | null>
}

const maxSearch = 200

export function createUserList({ store }: Pick<AccountParts, 'store'>): UserList {
  return {
    async users({ search, ...ask }, by) {
      assertMayAdminister(by)
      const { first, afterId } = readPageRequest(ask, 'user')
      if (search !== null && search.length > maxSearch) {
        const message = `At most ${maxSearch} characters can be searched for.`
        throw new InvalidInputError([{ path: ['search'], message }])
      }
      const page = { search, before: afterId, limit: first + 1 }
      const found = await store.read(({ accounts }) => accounts.listUsers(page))
      return toPage(found.map(toUser), first)
    },

    async findUser(idOrEmail, by) {
      assertMayAdminister(by)
      const key = readEmailAddress(idOrEmail)?.key ?? null
      const user = await store.read(({ accounts }) =>
        key === null ? accounts.findUser(idOrEmail) : accounts.findUserByEmailKey(key),
      )
      return user === null ? null : toUser(user)
    },
  }
}
