import type { AuditEventName } from '../../ports/accounts/audit-log.ts'
import type { Builder } from '../builder.ts'

const descriptions = {
  SIGNED_UP: { description: 'Somebody made an account, or wanted to.' },
  SIGNED_IN: { description: 'A session was started.' },
  SIGN_IN_FAILED: { description: 'A first factor was not right.' },
  MFA_CHALLENGED: { description: 'A first factor was right, and a second one was asked for.' },
  MFA_FAILED: { description: 'A second factor was not right.' },
  SIGNED_OUT: { description: 'A session was ended by whoever had it.' },
  SESSION_REVOKED: { description: 'Sessions were ended from elsewhere.' },
  STEPPED_UP: { description: 'Factors were shown again.' },
  STEP_UP_FAILED: { description: 'Factors were to be shown again, and were not right.' },
  REFRESH_TOKEN_REUSED: { description: 'A refresh token came twice: it may have been stolen, and the session ended.' },
  PASSWORD_CHANGED: { description: 'A password was set by whoever was signed in.' },
  PASSWORD_RESET_REQUESTED: { description: 'A link to set a new password was asked for.' },
  PASSWORD_RESET: { description: 'A password was set by the link of a mail.' },
  EMAIL_VERIFIED: { description: 'An address was confirmed by the link of a mail.' },
  EMAIL_CHANGE_REQUESTED: { description: 'Another address was asked for.' },
  EMAIL_CHANGED: { description: 'The other address was confirmed and holds.' },
  EMAIL_CHANGE_UNDONE: { description: 'The owner of the address before took the change back.' },
  TOTP_ENROLLED: { description: 'An authenticator app was set up.' },
  TOTP_REMOVED: { description: 'The authenticator app was removed.' },
  RECOVERY_CODES_MADE: { description: 'New recovery codes were made.' },
  RECOVERY_CODE_USED: { description: 'A recovery code was used up.' },
  PASSKEY_ADDED: { description: 'A passkey was set up.' },
  PASSKEY_RENAMED: { description: 'A passkey got another name.' },
  PASSKEY_REMOVED: { description: 'A passkey was removed.' },
  PASSKEY_SUSPECTED: { description: 'A passkey may have been copied, and is not accepted any more.' },
  IDENTITY_LINKED: { description: 'An account of a provider was linked.' },
  IDENTITY_UNLINKED: { description: 'An account of a provider was unlinked.' },
  API_KEY_CREATED: { description: 'An API key was made.' },
  API_KEY_ROTATED: { description: 'An API key was made in place of another.' },
  API_KEY_REVOKED: { description: 'An API key was ended.' },
  ACCOUNT_DELETED: { description: 'An account was deleted by its owner.' },
  ACCOUNT_TAKEN_OVER: { description: 'An unconfirmed account was taken over by whoever owns the address.' },
  USER_CREATED: { description: 'The operator made an account.' },
  USER_DISABLED: { description: 'A user was shut out.' },
  USER_ENABLED: { description: 'A user was let in again.' },
  USER_ROLES_SET: { description: 'A user got other roles.' },
  USER_MFA_RESET: { description: 'All second factors were taken from a user.' },
  INVITE_CREATED: { description: 'An invite was made.' },
  INVITE_REVOKED: { description: 'An invite was made void.' },
  SIGNING_KEYS_ROTATED: { description: 'The next key signs access tokens.' },
  NOTICE_PUBLISHED: { description: 'A notice was published for everybody.' },
  NOTICE_WITHDRAWN: { description: 'A notice was withdrawn.' },
  LOG_LEVEL_SET: { description: 'It was set how grave a line must be to be written to the log.' },
  MAINTENANCE_BEGUN: { description: 'Maintenance was begun, or another message is told meanwhile.' },
  MAINTENANCE_ENDED: { description: 'Maintenance was ended.' },
} as const satisfies Record<AuditEventName, { description: string }>

/** Adds the enum `AuditEventName`. */
export function addAuditEventName(builder: Builder) {
  return builder.enumType('AuditEventName', {
    description: 'What can happen to accounts, and is written down.',
    values: descriptions,
  })
}
