import { Refusal } from '../../core/errors.ts'

/**
 * Whether a stream that failed in its middle tells its client why and ends. Otherwise it breaks off, so that the client
 * takes it for a broken connection and comes back with its cursor.
 */
export function isTold(error: unknown): error is Refusal {
  return error instanceof Refusal
}

/** Whether the error says that the credential has ended, by itself or by force. */
export function isOfCredential(error: unknown): boolean {
  return error instanceof Refusal && (error.code === 'SESSION_REVOKED' || error.code === 'UNAUTHENTICATED')
}
