import type { RateLimiter } from '../../../ports/rate-limiter.ts'

/** How many attempts a key has in how many seconds. Failures of credentials are counted besides, in the store. */
export const attemptLimits = {
  /** All accounts from one network. */
  signInByNetwork: { attempts: 30, seconds: 60 },
  /** Sign-ins and sign-ups from one /48 of IPv6, whose 65,536 networks would keep the hasher busy for ever. */
  passwordByWideNetwork: { attempts: 120, seconds: 60 },
  /** Sign-ins to one account from browsers that are known to it, which go first at the hasher. */
  signInByKnownDevice: { attempts: 30, seconds: 60 },
  /** Attempts at one account while the store cannot count them. */
  credentialsWithoutStore: { attempts: 3, seconds: 15 * 60 },
  /** New passwords for one account that are not too short: judging one keeps the event loop busy. */
  newPasswordByAccount: { attempts: 20, seconds: 10 * 60 },
  signUpByNetwork: { attempts: 20, seconds: 10 * 60 },
  /** Answers to challenges: second factors, step-up, passkeys. */
  challengeByNetwork: { attempts: 60, seconds: 60 },
  refreshByNetwork: { attempts: 120, seconds: 60 },
  /** Ways to a provider and back, two or three to a sign-in. Nothing can be guessed there. */
  oauthByNetwork: { attempts: 120, seconds: 60 },
  /** Mails to one address, and asked for from one network. */
  mailByAddress: { attempts: 5, seconds: 60 * 60 },
  mailByNetwork: { attempts: 30, seconds: 60 * 60 },
  /** Tokens of mails and invites that do not work. */
  tokenByNetwork: { attempts: 30, seconds: 60 },
  /** API keys that do not exist, from one network. */
  apiKeyMissByNetwork: { attempts: 30, seconds: 60 },
  /** Keys that one user makes, by replacing others as well: each leaves a record and a mail. */
  newApiKeyByUser: { attempts: 60, seconds: 60 * 60 },
  /** Requests with one key; each costs `apiKeyBudget / requestsPerMinute`. */
  apiKeyUse: { attempts: 1_000_000_000, seconds: 60 },
} as const satisfies Record<string, { attempts: number; seconds: number }>

/** What a minute of an API key is worth. */
export const apiKeyBudget = attemptLimits.apiKeyUse.attempts

/** One limiter for each entry of `attemptLimits`. */
export type AccountLimiters = { readonly [Name in keyof typeof attemptLimits]: RateLimiter }
