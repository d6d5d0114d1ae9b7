import type { Refusal } from '../../../core/errors.ts'
import { anonymous, type KnownPrincipal, type Principal } from '../../../core/principal.ts'
import { sha256 } from '../../../core/secrets.ts'
import type { ClientInfo } from '../client-info.ts'
import { apiKeyPrefix } from '../api-keys/api-key-text.ts'
import type { AccountParts } from '../parts.ts'
import { type CredentialMemoryOptions, openCredentialMemory } from './credential-memory.ts'
import type { Holdable } from './holdable.ts'
import type { ProvenCredential } from './proven-credential.ts'
import { createSessionProofs } from './prove-session.ts'

/** The credentials that a request came with, as plain values; `null` where there was none. */
export interface Credentials {
  /** The header `x-api-key`. */
  readonly apiKey: string | null
  /** The token of `Authorization: Bearer …` (or of `connection_init`). */
  readonly bearer: string | null
  /** The value of the session cookie. */
  readonly sessionCookie: string | null
}

/** Finding out who is asking, and hearing when that ends. */
export interface Authentication {
  /**
   * The one function that knows every kind of credential: API key, then bearer token, then session cookie, then nobody.
   * A header credential that is not valid throws `UNAUTHENTICATED` or `SESSION_REVOKED`. A dead cookie, which the browser
   * sends unasked, gives an anonymous principal that says why, so that signing in again is possible.
   */
  authenticate(credentials: Credentials, client: ClientInfo): Promise<Principal>
  /**
   * Calls `onEnd` once, at most a second after the principal's credential has ended in whatever process: with
   * `SESSION_REVOKED` when it was revoked, with `UNAUTHENTICATED` when it expired or may do less than it could. Also when
   * that was between `authenticate` and this call. Call the result to stop. Nobody's credential never ends.
   *
   * `held` is held from the moment that the credential may have changed (a revocation that does not end it, or one that may
   * have been missed) until it has been looked up, and released if it still stands. While the store cannot be read it stays
   * held. A change in this process holds it before the change is answered.
   */
  watch(principal: Principal, onEnd: (why: Refusal) => void, held?: Holdable): () => void
}

export interface AuthenticationOptions extends CredentialMemoryOptions, Pick<AccountParts, 'tokens'> {
  /** Looks an API key up. Throws `UNAUTHENTICATED` for one that is not valid, and `RateLimitedError`. */
  proveApiKey(key: string, client: ClientInfo): Promise<ProvenCredential>
}

/**
 * `Authentication`; close it to stop listening for revocations. A credential that was found good is remembered until it is
 * revoked, and for a minute at most.
 */
export function openAuthentication(options: AuthenticationOptions): Authentication & AsyncDisposable {
  const proofs = createSessionProofs(options)
  const memory = openCredentialMemory(options)

  async function byKey(key: string, client: ClientInfo): Promise<KnownPrincipal> {
    const proven = await memory.recall<never>(`key ${sha256(key)}`, () => options.proveApiKey(key, client))
    if (proven.admit !== null) await proven.admit(client)
    return proven.principal
  }

  async function byToken(token: string): Promise<KnownPrincipal> {
    return (await memory.recall<never>(`token ${sha256(token)}`, () => proofs.byAccessToken(token))).principal
  }

  async function byCookie(cookie: string): Promise<Principal> {
    const found = await memory.recall(`cookie ${sha256(cookie)}`, () => proofs.byCookie(cookie))
    return typeof found === 'string' ? { kind: 'anonymous', refused: found } : found.principal
  }

  return {
    async authenticate({ apiKey, bearer, sessionCookie }, client) {
      const key = apiKey ?? (bearer?.startsWith(apiKeyPrefix) === true ? bearer : null)
      if (key !== null) return byKey(key, client)
      if (bearer !== null) return byToken(bearer)
      return sessionCookie === null ? anonymous : byCookie(sessionCookie)
    },
    watch: (principal, onEnd, held) =>
      principal.kind === 'anonymous' ? () => undefined : memory.watch(principal, onEnd, held),
    [Symbol.asyncDispose]: () => memory[Symbol.asyncDispose](),
  }
}
