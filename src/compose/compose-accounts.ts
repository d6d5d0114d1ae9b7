import { bcryptPasswordHasher } from '../adapters/local/bcrypt-password-hasher.ts'
import { filePasswordBlocklist } from '../adapters/local/file-password-blocklist.ts'
import { joseAccessTokens } from '../adapters/jose/jose-access-tokens.ts'
import { openidProviders } from '../adapters/oauth/openid-providers.ts'
import { otplibTotpCodes } from '../adapters/totp/otplib-totp-codes.ts'
import { webauthnCeremonies } from '../adapters/webauthn/webauthn-ceremonies.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import { createSealer } from '../core/sealer.ts'
import { deriveKey } from '../core/secrets.ts'
import { passkeySite } from './passkey-site.ts'
import type { Bus } from '../ports/bus.ts'
import type { Logger } from '../ports/logger.ts'
import type { Meter } from '../ports/meter.ts'
import type { OpenRateLimiter } from '../ports/rate-limiter.ts'
import type { Store } from '../ports/store.ts'
import type { OwnAddress } from '../server/http/own-address.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import { createAccounts } from '../services/accounts/create-accounts.ts'
import { openSigningKeys } from '../services/accounts/keys/signing-keys.ts'
import { storedSecret } from '../services/accounts/keys/stored-secret.ts'
import { type AccountLimiters, attemptLimits } from '../services/accounts/limits/attempt-limits.ts'
import type { Hub } from '../services/streams/stream.ts'

export interface AccountsFoundation {
  readonly address: OwnAddress
  readonly bus: Bus
  readonly hub: Pick<Hub, 'open'>
  readonly logger: Logger
  readonly openLimiter: OpenRateLimiter
  readonly store: Store
  readonly secret: string
  readonly clock: Clock
  readonly passwordCost?: number
  readonly wakeMails?: () => void
  readonly figures?: Meter
}

/** Composes all about accounts. Throws a `PasswordBlocklistError`. */
export async function composeAccounts(
  config: Config,
  foundation: AccountsFoundation,
): Promise<Accounts & AsyncDisposable> {
  const { address, bus, hub, store, secret, clock, logger, openLimiter, passwordCost, wakeMails } = foundation
  const limiters = Object.fromEntries(
    Object.entries(attemptLimits).map(([name, limit]) => [name, openLimiter(name, limit)]),
    // The keys are those of the table.
  ) as AccountLimiters
  const sealer = createSealer([secret, ...config.previousSecrets])
  // Until it was stored, the pepper was derived from the root secret of the time.
  const pepperBefore = deriveKey(config.previousSecrets[0] ?? secret, 'password pepper, 1')
  const pepper = await storedSecret({ store, sealer }, 'passwordPepper', pepperBefore)
  const keys = await openSigningKeys({ store, sealer, clock, algorithm: config.accessTokenAlgorithm })
  return createAccounts({
    store,
    bus,
    hub,
    keys,
    clock,
    limiters,
    logger,
    ...(foundation.figures && { meter: foundation.figures }),
    policy: {
      signUp: config.signUp,
      emailVerification: config.emailVerification,
      requireMfa: config.requireMfa,
      sessionIdleMs: config.sessionIdleMs,
      sessionMaxMs: config.sessionMaxMs,
      refreshGraceMs: config.refreshGraceMs,
      auditKeepMs: config.auditKeepMs,
      appUrl: () => config.appUrl ?? address.publicUrl(),
      publicUrl: () => address.publicUrl(),
      redirects: () => [...address.origins(), ...config.corsOrigins, ...config.oauth.redirects],
      production: config.production,
    },
    sealer,
    ...(wakeMails === undefined ? {} : { wakeMails }),
    recoveryKey: await storedSecret({ store, sealer }, 'recoveryCodes'),
    totp: otplibTotpCodes({ issuer: 'Millrace', window: config.totpWindow }),
    providers: openidProviders({ ...config.oauth, logger, clock }),
    ceremonies: webauthnCeremonies(passkeySite(config, address)),
    blocklist:
      config.passwordBlocklist === null ? null : await filePasswordBlocklist({ path: config.passwordBlocklist }),
    hasher: bcryptPasswordHasher({
      pepper,
      ...(passwordCost === undefined ? {} : { cost: passwordCost }),
    }),
    tokens: joseAccessTokens({
      keys,
      clock,
      // Named after the database, which outlives ports and addresses.
      issuer: `millrace:${store.id}`,
      audience: 'millrace',
      lifetimeMs: config.accessTokenMs,
    }),
  })
}
