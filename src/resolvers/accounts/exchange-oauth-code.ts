import type { HandOffInput } from '../../services/accounts/identities/hand-off.ts'
import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { beginSession } from './begin-session.ts'
import type { ShownEntry } from './shown-session.ts'

const expected = [
  'INVALID_TOKEN',
  'INVALID_CREDENTIALS',
  'EMAIL_NOT_VERIFIED',
  'LINK_REQUIRED',
  'IDENTITY_TAKEN',
  'SIGN_UP_CLOSED',
  'PROVIDER_FAILED',
  'RATE_LIMITED',
] as const

export function exchangeOAuthCode(
  _root: unknown,
  { input }: { readonly input: HandOffInput },
  context: RequestContext,
): Promise<ShownEntry | Refused> {
  return outcome(context, expected, () =>
    beginSession(context, 'TOKENS', (client) =>
      context.services.accounts.exchangeOAuthCode(input, client, context.principal),
    ),
  )
}
