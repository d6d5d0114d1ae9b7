/** The mutations by which somebody comes in, or shows their factors anew: without them whoever could help does not come in. */
export const waysIn: readonly string[] = [
  'signIn',
  'completeMfa',
  'startPasskeySignIn',
  'finishPasskeySignIn',
  'startOAuthSignIn',
  'exchangeOAuthCode',
  'refreshTokens',
  'startStepUp',
  'completeStepUp',
]
