/** How many attempts a key has in how many seconds: what `AccountLimiters` are to be made with. */
export const attemptLimits = {
  /** One account from one network. */
  signInByAccount: { attempts: 10, seconds: 15 * 60 },
  /** All accounts from one network. */
  signInByNetwork: { attempts: 30, seconds: 60 },
  signUpByNetwork: { attempts: 20, seconds: 10 * 60 },
} as const satisfies Record<string, { attempts: number; seconds: number }>
