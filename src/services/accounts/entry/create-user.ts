import type { User } from '../outward.ts'
import { toUser } from '../outward.ts'
import type { AccountParts } from '../parts.ts'
import { readNewAccount } from './new-account.ts'
import { assertEmailFree, insertUser, newUser } from './new-user.ts'
import { endSetupToken } from './setup-token.ts'

/** Making users without their doing. */
export interface UserCreation {
  /**
   * Makes a user without a session, for the command line: whoever can run it needs no set-up token, is not counted, and
   * vouches for the address. Throws `InvalidInputError`, `EMAIL_TAKEN`, `RateLimitedError`.
   */
  createUser(input: {
    readonly email: string
    readonly password: string
    readonly displayName: string
    readonly admin: boolean
  }): Promise<User>
}

export function createUserCreation(parts: AccountParts): UserCreation {
  const { store, audit, judgePassword } = parts

  return {
    async createUser({ admin, ...input }) {
      const account = await readNewAccount(input, judgePassword)
      await store.read((records) => assertEmailFree(records, account.email))
      const user = await newUser(parts, account, { roles: admin ? ['user', 'admin'] : ['user'], isVerified: true })
      await store.write(async (records) => {
        if (admin) await endSetupToken(records)
        await insertUser(records, user, account.email)
        const details = { roles: user.roles.join(' ') }
        await audit(records, { event: 'USER_CREATED', by: null, client: null, subjectId: user.id, details })
      })
      return toUser(user)
    },
  }
}
