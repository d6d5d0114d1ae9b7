import type { Refusal } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { Holdable } from '../../services/accounts/authentication/holdable.ts'

/**
 * Calls `onEnd` once when the principal's credential has ended (revoked, disabled, expired), with the refusal that says
 * how; call the result to stop. `held` stands still while that is not known. `Authentication.watch` says when.
 */
export type WatchCredential = (principal: Principal, onEnd: (why: Refusal) => void, held?: Holdable) => () => void
