import type { AuthMethod } from '../../core/auth-method.ts'

/** The things that are written down about accounts. */
export const auditEvents = [
  'SIGNED_UP',
  'SIGNED_IN',
  'SIGN_IN_FAILED',
  'MFA_CHALLENGED',
  'MFA_FAILED',
  'SIGNED_OUT',
  'SESSION_REVOKED',
  'STEPPED_UP',
  'STEP_UP_FAILED',
  'REFRESH_TOKEN_REUSED',
  'PASSWORD_CHANGED',
  'PASSWORD_RESET_REQUESTED',
  'PASSWORD_RESET',
  'EMAIL_VERIFIED',
  'EMAIL_CHANGE_REQUESTED',
  'EMAIL_CHANGED',
  'EMAIL_CHANGE_UNDONE',
  'TOTP_ENROLLED',
  'TOTP_REMOVED',
  'RECOVERY_CODES_MADE',
  'RECOVERY_CODE_USED',
  'PASSKEY_ADDED',
  'PASSKEY_RENAMED',
  'PASSKEY_REMOVED',
  'PASSKEY_SUSPECTED',
  'IDENTITY_LINKED',
  'IDENTITY_UNLINKED',
  'API_KEY_CREATED',
  'API_KEY_ROTATED',
  'API_KEY_REVOKED',
  'ACCOUNT_DELETED',
  'ACCOUNT_TAKEN_OVER',
  'USER_CREATED',
  'USER_DISABLED',
  'USER_ENABLED',
  'USER_ROLES_SET',
  'USER_MFA_RESET',
  'INVITE_CREATED',
  'INVITE_REVOKED',
  'SIGNING_KEYS_ROTATED',
  'NOTICE_PUBLISHED',
  'NOTICE_WITHDRAWN',
  'LOG_LEVEL_SET',
  'MAINTENANCE_BEGUN',
  'MAINTENANCE_ENDED',
  'HEAP_SNAPSHOT_TAKEN',
  'HEAP_SNAPSHOT_FETCHED',
  'HEAP_SNAPSHOT_DELETED',
] as const

export type AuditEventName = (typeof auditEvents)[number]

/** One line of the log: who did what to whom, from where. Never a secret; a deleted user's id stays as a pseudonym. */
export interface AuditEventRecord {
  readonly id: string
  readonly at: number
  readonly event: AuditEventName
  readonly outcome: 'SUCCESS' | 'FAILURE'
  readonly actor: 'USER' | 'API_KEY' | 'ANONYMOUS' | 'OPERATOR'
  /** The acting user. */
  readonly actorId: string | null
  /** The user whom it is about. */
  readonly subjectId: string | null
  readonly sessionId: string | null
  readonly keyId: string | null
  readonly methods: readonly AuthMethod[]
  readonly assurance: 1 | 2 | null
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestId: string | null
  /** Small facts such as the names of roles. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>
}

export interface AuditQuery {
  readonly subjectId: string | null
  readonly event: AuditEventName | null
  /** Events with ids below it, as they are sorted newest first. */
  readonly before: string | null
  readonly limit: number
}

/** Only ever appended to; nothing in it is changed. */
export interface AuditLog {
  append(event: AuditEventRecord): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<readonly AuditEventRecord[]>
  /** Forgets what is older than the retention; at most `limit`; how many. */
  purge(before: number, limit: number): Promise<number>
}
