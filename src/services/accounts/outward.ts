import type { SessionRecord, UserRecord } from '../../ports/accounts/account-records.ts'

/** A user as the world may see them. */
export type User = Omit<UserRecord, 'passwordHash'> & { readonly hasPassword: boolean }

/** A session as its owner may see it. */
export type Session = Omit<SessionRecord, 'secretHash' | 'generation'>

/** The user without the password's hash. */
export function toUser(record: UserRecord): User {
  return {
    id: record.id,
    email: record.email,
    emailVerifiedAt: record.emailVerifiedAt,
    hasPassword: record.passwordHash !== null,
    displayName: record.displayName,
    roles: record.roles,
    createdAt: record.createdAt,
    disabledAt: record.disabledAt,
  }
}

/** The session without the secret's hash. */
export function toSession(record: SessionRecord): Session {
  return {
    id: record.id,
    userId: record.userId,
    delivery: record.delivery,
    assurance: record.assurance,
    methods: record.methods,
    authenticatedAt: record.authenticatedAt,
    createdAt: record.createdAt,
    lastUsedAt: record.lastUsedAt,
    expiresAt: record.expiresAt,
    endedAt: record.endedAt,
    ip: record.ip,
    userAgent: record.userAgent,
  }
}
