import type { PasskeyRecord } from '../../../ports/accounts/passkeys.ts'

/** A passkey as its owner may see it. */
export type Passkey = Omit<PasskeyRecord, 'userId' | 'publicKey' | 'counter'>

export function toPasskey(record: PasskeyRecord): Passkey {
  return {
    id: record.id,
    credentialId: record.credentialId,
    transports: record.transports,
    aaguid: record.aaguid,
    name: record.name,
    backupEligible: record.backupEligible,
    backedUp: record.backedUp,
    createdAt: record.createdAt,
    lastUsedAt: record.lastUsedAt,
    flaggedAt: record.flaggedAt,
  }
}
