import type { Refusal } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'

/**
 * Calls `onEnd` once when the principal's credential has ended (revoked, disabled, expired), with the refusal that says
 * how; call the result to stop. `Authentication.watch` says when.
 */
export type WatchCredential = (principal: Principal, onEnd: (why: Refusal) => void) => () => void
