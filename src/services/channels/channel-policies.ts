import { NotFoundError, Refusal } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { KnownPrincipal, Principal, Scope } from '../../core/principal.ts'
import { type ChannelRow, type ChannelTable, findRow } from './channel-table.ts'

/**
 * The row of a channel that the principal may listen to. What is public is so with any credential as well, for it is without
 * one. Channels of other users are not there; of all others it is no secret that they are.
 * Throws `NotFoundError`, `UNAUTHENTICATED`, `SESSION_REVOKED`, `FORBIDDEN`, `INSUFFICIENT_SCOPE`, `MFA_ENROLMENT_REQUIRED`.
 */
export function assertMayListen(table: ChannelTable, principal: Principal, name: string): ChannelRow {
  const row = rowOf(table, name)
  if (row.listen === 'public') return row
  const listener = assertHasScope(principal, 'channels:read')
  if (row.listen === 'owner') assertOwner(listener, name)
  if (row.listen === 'admin') assertAdministers(listener, 'Only administrators listen to this channel.')
  return row
}

/** The row of a channel on which the principal, who has the scope `channels:publish`, may publish. Throws as `assertMayListen` does. */
export function assertMayPublish(table: ChannelTable, principal: KnownPrincipal, name: string): ChannelRow {
  const row = rowOf(table, name)
  if (row.publish === 'admin' && isAdministrator(principal)) return row
  if (row.listen === 'owner') assertOwner(principal, name)
  if (row.publish === 'owner' && !isOwner(principal, name)) throw forbidden('Only its owner publishes on this channel.')
  if (row.publish === 'admin') assertAdministers(principal, 'Only administrators publish on this channel.')
  if (row.publish === 'nobody') throw forbidden('Nobody publishes on this channel.')
  return row
}

/** The principal, if it is somebody whose credential has the scope. Throws as `assertMayListen` does. */
export function assertHasScope(principal: Principal, scope: Scope): KnownPrincipal {
  if (principal.kind === 'anonymous') {
    if (principal.refused === 'SESSION_REVOKED')
      throw new Refusal('SESSION_REVOKED', 'This session has ended: sign in again.')
    throw new Refusal('UNAUTHENTICATED', 'Sign in first.')
  }
  if (principal.scopes.includes(scope)) return principal
  if (principal.mustEnrol) throw new Refusal('MFA_ENROLMENT_REQUIRED', 'Set up a second factor first.')
  throw new Refusal('INSUFFICIENT_SCOPE', `The credential lacks the scope ${scope}.`, { scopes: [scope] })
}

function rowOf(table: ChannelTable, name: string): ChannelRow {
  const row = findRow(table, name)
  // A channel of users without a user in its name is nobody's.
  const isWhole = row !== null && (!isOfUsers(row) || isId('user', ownerOf(name)))
  if (!isWhole) throw new NotFoundError('channel')
  return row
}

function isOfUsers({ listen, publish }: ChannelRow): boolean {
  return listen === 'owner' || publish === 'owner'
}

function ownerOf(name: string): string {
  return name.split('/')[1] ?? ''
}

function isOwner({ userId }: KnownPrincipal, name: string): boolean {
  return ownerOf(name) === userId
}

function assertOwner(principal: KnownPrincipal, name: string): void {
  if (!isOwner(principal, name)) throw new NotFoundError('channel')
}

function assertAdministers(principal: KnownPrincipal, sentence: string): void {
  if (!principal.roles.includes('admin')) throw forbidden(sentence)
  assertHasScope(principal, 'admin')
}

function isAdministrator({ roles, scopes }: KnownPrincipal): boolean {
  return roles.includes('admin') && scopes.includes('admin')
}

function forbidden(sentence: string): Refusal {
  return new Refusal('FORBIDDEN', sentence)
}
