import { type Role, roles as allRoles } from '../../../core/principal.ts'

/** The roles in their usual order, each once; everybody is a `user`. */
export function readRoles(roles: readonly Role[]): readonly Role[] {
  return allRoles.filter((role) => role === 'user' || roles.includes(role))
}
