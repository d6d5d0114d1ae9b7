import type { Delivery } from '../../../ports/accounts/account-records.ts'
import type { AuditEventRecord } from '../../../ports/accounts/audit-log.ts'
import type { TokenPurpose } from '../../../ports/accounts/one-time-tokens.ts'
import type { SigningKeyRecord } from '../../../ports/accounts/signing-keys.ts'

/** The tables of accounts, by the rules of `Database`: lists are JSON text. */
export interface AccountTables {
  users: {
    id: string
    email: string
    email_key: string
    email_verified_at: number | null
    display_name: string
    /** The display name as it is searched for. */
    name_key: string
    roles: string
    password_hash: string | null
    handle: string | null
    created_at: number
    disabled_at: number | null
  }
  sessions: {
    id: string
    user_id: string
    secret_hash: string
    generation: number
    delivery: Delivery
    assurance: number
    methods: string
    authenticated_at: number
    created_at: number
    last_used_at: number
    expires_at: number
    ended_at: number | null
    ip: string | null
    user_agent: string | null
  }
  refresh_tokens: {
    id: string
    session_id: string
    secret_hash: string
    created_at: number
    expires_at: number
    retired_at: number | null
    successor_sealed: string | null
    successor_id: string | null
  }
  api_keys: {
    id: string
    user_id: string
    name: string
    secret_hash: string
    last_four: string
    scopes: string
    allowed_ips: string
    requests_per_minute: number
    created_at: number
    expires_at: number | null
    last_used_at: number | null
    revoked_at: number | null
    successor_id: string | null
  }
  attempt_counters: { name: string; failures: number; last_at: number; blocked_until: number }
  audit_events: {
    id: string
    occurred_at: number
    event: AuditEventRecord['event']
    outcome: AuditEventRecord['outcome']
    actor: AuditEventRecord['actor']
    actor_id: string | null
    subject_id: string | null
    session_id: string | null
    key_id: string | null
    methods: string
    assurance: number | null
    ip: string | null
    user_agent: string | null
    request_id: string | null
    /** JSON object. */
    details: string
  }
  totp_secrets: {
    user_id: string
    secret_sealed: string
    created_at: number
    confirmed_at: number | null
    last_step: number | null
  }
  recovery_codes: { user_id: string; hash: string; used_at: number | null }
  identities: {
    id: string
    user_id: string
    provider: string
    subject: string
    email: string | null
    created_at: number
    last_used_at: number | null
  }
  known_devices: { user_id: string; device_hash: string; last_used_at: number }
  mails: { id: string; sealed: string; created_at: number; send_at: number; attempts: number }
  one_time_tokens: {
    id: string
    purpose: TokenPurpose
    secret_hash: string
    user_id: string | null
    bound_to: string | null
    data: string
    created_at: number
    expires_at: number
    used_at: number | null
    attempts: number
  }
  passkeys: {
    id: string
    user_id: string
    credential_id: string
    public_key: string
    counter: number
    transports: string
    aaguid: string
    name: string
    backup_eligible: number
    backed_up: number
    created_at: number
    last_used_at: number | null
    flagged_at: number | null
  }
  signing_keys: {
    kid: string
    state: SigningKeyRecord['state']
    public_jwk: string
    private_sealed: string
    created_at: number
    retired_at: number | null
  }
}
