import type { ClientInfo } from '../client-info.ts'
import { type Administrator, assertAdministrator, assertMayChange } from '../administration/administrator.ts'
import type { AccountParts } from '../parts.ts'
import type { PublicJwk } from './key-pair.ts'
import { type ResealProgress, resealSecrets } from './reseal-secrets.ts'
import type { SigningKey } from './signing-keys.ts'

/** The keys that access tokens are signed with. */
export interface SigningKeysService {
  /** The keys by which anybody can verify access tokens: a JSON Web Key Set (RFC 7517 §5). */
  publicKeys(): readonly PublicJwk[]
  /** The keys with what becomes of them. For the command line. */
  signingKeys(): readonly SigningKey[]
  /**
   * The next key signs from now on, the active one only verifies until its last token has expired, and a new next one is
   * published; answers the keys as they are then. Several at once make one rotation. `by: null` is the operator, by the
   * command line. Throws `UNAUTHENTICATED`, `SESSION_REVOKED`, `FORBIDDEN`, `INSUFFICIENT_SCOPE`, `STEP_UP_REQUIRED`.
   */
  rotateSigningKeys(by: Administrator, client: ClientInfo | null): Promise<readonly SigningKey[]>
  /** Seals anew whatever an older root secret sealed, for the command line; how many things that were. */
  resealSecrets(report: (progress: ResealProgress) => void): Promise<number>
}

export function createSigningKeysService(
  parts: Pick<AccountParts, 'store' | 'sealer' | 'keys' | 'clock' | 'audit'>,
): SigningKeysService {
  const { keys, clock, audit } = parts
  return {
    publicKeys: () => keys.publicKeys(),
    signingKeys: () => keys.keys(),
    async rotateSigningKeys(by, client) {
      // Before a pair of keys is made.
      assertMayChange(by)
      await keys.rotate({
        guard: (records) => assertAdministrator(records, by, clock.now()),
        note: (records) => audit(records, { event: 'SIGNING_KEYS_ROTATED', by, client, subjectId: null }),
      })
      return keys.keys()
    },
    resealSecrets: (report) => resealSecrets(parts, report),
  }
}
