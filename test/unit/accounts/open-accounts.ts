import { DatabaseSync } from 'node:sqlite'
import { joseAccessTokens } from '../../../src/adapters/jose/jose-access-tokens.ts'
import { bcryptPasswordHasher } from '../../../src/adapters/local/bcrypt-password-hasher.ts'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { localBus } from '../../../src/adapters/local/local-bus.ts'
import { openidProviders } from '../../../src/adapters/oauth/openid-providers.ts'
import { otplibTotpCodes } from '../../../src/adapters/totp/otplib-totp-codes.ts'
import { sqliteStore } from '../../../src/adapters/sql/sqlite-store.ts'
import { webauthnCeremonies } from '../../../src/adapters/webauthn/webauthn-ceremonies.ts'
import { createSealer } from '../../../src/core/sealer.ts'
import { anonymous } from '../../../src/core/principal.ts'
import type { PasswordHasher } from '../../../src/ports/password-hasher.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import type { SignedIn } from '../../../src/services/accounts/entered.ts'
import type { Credentials } from '../../../src/services/accounts/authentication/authentication.ts'
import type { SignInInput } from '../../../src/services/accounts/entry/sign-in.ts'
import type { SignUpInput } from '../../../src/services/accounts/entry/sign-up.ts'
import { openSigningKeys } from '../../../src/services/accounts/keys/signing-keys.ts'
import { type AccountLimiters, attemptLimits } from '../../../src/services/accounts/limits/attempt-limits.ts'
import type { AccountPolicy } from '../../../src/services/accounts/account-policy.ts'
import { createHub } from '../../../src/services/streams/hub.ts'
import { publishCommitted } from '../../../src/services/streams/live-events.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore, type TestStore } from '../../support/open-test-store.ts'
import { type AccountsOptions, createAccounts } from '../../../src/services/accounts/create-accounts.ts'

export const day = 24 * 60 * 60 * 1000
export const goodPassword = 'violet hum table 7'
export const client: ClientInfo = { ip: '192.0.2.7', userAgent: 'test', device: null, requestId: 'request' }
export const nothing: Credentials = { apiKey: null, bearer: null, sessionCookie: null }

export interface AccountsUnderTest extends AsyncDisposable {
  readonly accounts: Accounts
  readonly store: TestStore
  readonly clock: ReturnType<typeof fakeClock>
  /** Every use of the hasher: what was done, and with which stored text. */
  readonly hashing: { readonly kind: 'hash' | 'verify'; readonly stored: string | null }[]
  /** The same accounts as another start of the server would have them. */
  restart(overrides?: AccountsOverrides): Promise<Accounts>
  /** The accounts of another process on the same database, which hears of nothing by the bus. */
  elsewhere(overrides?: AccountsOverrides): Promise<Accounts>
  /** Signs somebody up whose address needs no confirmation. */
  signUp(input?: Partial<SignUpInput>): Promise<SignedIn>
  /** Signs somebody without a second factor in. */
  signIn(input?: Partial<SignInInput>): Promise<SignedIn>
  /** Every value in every column of every table. */
  dump(): readonly unknown[]
  /** Runs a statement past the service, as an administrator's tool would. */
  tamper(statement: string, ...values: readonly (string | number | null)[]): void
}

/** Real accounts over a database in a folder of their own, with bcrypt at its lowest cost and a clock that can be moved. */
export async function openAccounts(overrides: AccountsOverrides = {}): Promise<AccountsUnderTest> {
  const store = await openTestStore()
  const clock = fakeClock()
  const hashing: AccountsUnderTest['hashing'] = []

  const bus = localBus(collectingLogger())
  const sealer = createSealer(['s'.repeat(32)])
  const opened = new AsyncDisposableStack()
  opened.use(store)
  opened.defer(store.onCommitted(publishCommitted(bus)))
  const hub = opened.use(createHub({ store, bus, logger: collectingLogger() }))

  const start = async ({ policy, limiters, ...more }: AccountsOverrides = {}) => {
    const keys = await openSigningKeys({ store: more.store ?? store, sealer, clock, algorithm: 'EdDSA' })
    const accounts = createAccounts({
      store,
      clock,
      hasher: recorded(bcryptPasswordHasher({ pepper: Buffer.alloc(32, 7), cost: 4 }), hashing),
      tokens: joseAccessTokens({ keys, issuer: 'test', audience: 'test', clock }),
      keys,
      bus,
      hub,
      blocklist: null,
      logger: collectingLogger(),
      sealer,
      recoveryKey: Buffer.alloc(32, 9),
      totp: otplibTotpCodes({ issuer: 'Test', window: 'previous' }),
      providers: openidProviders({ providers: [], allowPrivate: false, logger: collectingLogger(), clock }),
      ceremonies: webauthnCeremonies({
        rpName: 'Test',
        rpId: () => 'localhost',
        origins: () => ['http://localhost:4000'],
      }),
      ...overrides,
      ...more,
      limiters: { ...wideLimiters(), ...overrides.limiters, ...limiters },
      policy: { ...testPolicy, ...overrides.policy, ...policy },
    })
    return opened.use(accounts)
  }
  const accounts = await start()

  return {
    accounts,
    store,
    clock,
    hashing,
    restart: start,
    async elsewhere(more) {
      const other = opened.use(await sqliteStore({ path: store.path }))
      return start({ store: other, bus: localBus(collectingLogger()), ...more })
    },
    async signUp(input) {
      const answer = await accounts.signUp({ ...ada, ...input }, client, anonymous)
      if (answer.kind !== 'SIGNED_IN') throw new Error('The address has to be confirmed.')
      return answer
    },
    async signIn(input) {
      const wish = { email: ada.email, password: ada.password, delivery: 'COOKIE', ...input } as const
      const entered = await accounts.signIn(wish, client, anonymous)
      if (entered.kind !== 'SIGNED_IN') throw new Error('A second factor was asked for.')
      return entered
    },
    dump: () => withDatabase(store.path, dumpAll),
    tamper: (statement, ...values) =>
      withDatabase(store.path, (database) => database.prepare(statement).run(...values)),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** What may differ from real accounts with everything allowed. */
export type AccountsOverrides = Partial<Omit<AccountsOptions, 'policy' | 'limiters'>> & {
  readonly policy?: Partial<AccountPolicy>
  readonly limiters?: Partial<AccountLimiters>
}

export const testPolicy: AccountPolicy = {
  signUp: 'open',
  emailVerification: false,
  requireMfa: 'none',
  sessionIdleMs: 14 * day,
  sessionMaxMs: 90 * day,
  refreshGraceMs: 20_000,
  auditKeepMs: 400 * day,
  appUrl: () => 'https://app.example.com',
  publicUrl: () => 'http://localhost:4000',
  redirects: () => ['http://localhost:4000', 'com.example.app:/signed-in'],
  production: false,
}

/** Limiters that no test reaches by accident. */
function wideLimiters(): AccountLimiters {
  const limiters = Object.keys(attemptLimits).map((name) => [name, memoryRateLimiter({ attempts: 1e9, seconds: 60 })])
  return Object.fromEntries(limiters) as AccountLimiters // the keys are those of the table
}

/** What of several attempts at once worked, and why the others did not. */
export async function settle<T>(attempts: readonly Promise<T>[]) {
  const outcomes = await Promise.allSettled(attempts)
  return {
    worked: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    reasons: outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : [])),
  }
}

export const ada = {
  email: 'ada@example.com',
  password: goodPassword,
  displayName: 'Ada Lovelace',
  delivery: 'COOKIE',
} as const satisfies SignUpInput

function recorded(hasher: PasswordHasher, calls: AccountsUnderTest['hashing']): PasswordHasher {
  return {
    hash(password, asker) {
      calls.push({ kind: 'hash', stored: null })
      return hasher.hash(password, asker)
    },
    verify(password, stored, asker) {
      calls.push({ kind: 'verify', stored })
      return hasher.verify(password, stored, asker)
    },
    needsRehash: (stored) => hasher.needsRehash(stored),
  }
}

function withDatabase<T>(path: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path, { timeout: 1000 })
  try {
    return work(database)
  } finally {
    database.close()
  }
}

function dumpAll(database: DatabaseSync): readonly unknown[] {
  const tables = database.prepare(`select name from sqlite_master where type = 'table'`).all()
  return tables.flatMap(({ name }) =>
    database
      .prepare(`select * from "${String(name)}"`)
      .all()
      .flatMap((row) => Object.values(row)),
  )
}
