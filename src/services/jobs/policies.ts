import { Refusal } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import type { KnownPrincipal, Principal, Scope } from '../../core/principal.ts'
import type { Artifact } from '../../ports/artifact-index.ts'

/** A job is seen by its owner, and by administrators whose credential has the scope `admin`. */
export function canReadJob(principal: KnownPrincipal, job: Job): boolean {
  return job.ownerId === principal.userId || isAdministrator(principal)
}

/** A job is stopped by whoever may see it. */
export function canCancelJob(principal: KnownPrincipal, job: Job): boolean {
  return canReadJob(principal, job)
}

/** A job is done again by its owner only: the new one would be the asker's, and reads the owner's files. */
export function canRetryJob(principal: KnownPrincipal, job: Job): boolean {
  return job.ownerId === principal.userId
}

/** What the threads are doing is for administrators whose credential has the scope `admin`. */
export function canReadPool(principal: KnownPrincipal): boolean {
  return isAdministrator(principal)
}

/** An artifact is read by its owner, and by administrators whose credential has the scope `admin`. */
export function canReadArtifact(principal: KnownPrincipal, artifact: Artifact): boolean {
  return artifact.ownerId === principal.userId || isAdministrator(principal)
}

/** A job reads the files of who enters it, never those that an administrator can merely see. */
export function canUseArtifact(principal: KnownPrincipal, artifact: Artifact): boolean {
  return artifact.ownerId === principal.userId
}

/** The principal, if it is somebody and the credential has the scope. Throws `UNAUTHENTICATED`, `SESSION_REVOKED` or `INSUFFICIENT_SCOPE`. */
export function assertScope(principal: Principal, scope: Scope): KnownPrincipal {
  if (principal.kind === 'anonymous') {
    if (principal.refused === 'SESSION_REVOKED')
      throw new Refusal('SESSION_REVOKED', 'This session has ended: sign in again.')
    throw new Refusal('UNAUTHENTICATED', 'Sign in first.')
  }
  if (principal.scopes.includes(scope)) return principal
  throw new Refusal('INSUFFICIENT_SCOPE', `The credential lacks the scope ${scope}.`, { scopes: [scope] })
}

function isAdministrator(principal: KnownPrincipal): boolean {
  return principal.roles.includes('admin') && principal.scopes.includes('admin')
}
