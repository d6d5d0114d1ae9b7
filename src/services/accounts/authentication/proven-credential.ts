import type { KnownPrincipal } from '../../../core/principal.ts'
import type { ClientInfo } from '../client-info.ts'

/** A credential that was looked up and found good. */
export interface ProvenCredential {
  readonly principal: KnownPrincipal
  /** Until when it may be remembered without being looked up again, ms since 1970; a revocation ends that at once. */
  readonly goodUntil: number
  /**
   * What every single request with it must pass, remembered or not, such as the addresses and the rate of an API key; `null`
   * for nothing. Throws the `Refusal`.
   */
  readonly admit: ((client: ClientInfo) => Promise<void>) | null
}
