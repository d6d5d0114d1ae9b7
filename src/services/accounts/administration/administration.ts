import type { AccountParts } from '../parts.ts'
import { createUserCredentials, type UserCredentials } from './user-credentials.ts'
import { createUserList, type UserList } from './user-list.ts'
import { createUserStanding, type UserStanding } from './user-standing.ts'

/**
 * Looking after other people's accounts. Whoever has not the scope `admin` is refused with `UNAUTHENTICATED`,
 * `SESSION_REVOKED` or `INSUFFICIENT_SCOPE`; changes need a session (`FORBIDDEN` for an API key) whose factors were shown
 * lately (`STEP_UP_REQUIRED`), throw `NOT_FOUND` for a user who does not exist, and are written down.
 */
export interface Administration extends UserList, UserStanding, UserCredentials {}

export function createAdministration(parts: AccountParts): Administration {
  return { ...createUserList(parts), ...createUserStanding(parts), ...createUserCredentials(parts) }
}
