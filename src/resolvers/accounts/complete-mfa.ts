import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { showSession } from './begin-session.ts'
import { type FactorProofInput, readFactorProof } from './read-proof.ts'
import type { ShownSignIn } from './shown-session.ts'

export function completeMfa(
  _root: unknown,
  args: { readonly challengeToken: string; readonly proof: FactorProofInput },
  context: RequestContext,
): Promise<ShownSignIn | Refused> {
  const { services, principal, deviceCookie } = context
  // A connection that cannot set cookies is of no browser: a sign-in by cookie waits for one that can.
  const client = { ...context.client, device: deviceCookie === null ? null : context.client.device }
  return outcome(context, ['INVALID_CODE', 'INVALID_CHALLENGE', 'RATE_LIMITED'], async () => {
    const input = { challengeToken: args.challengeToken, proof: readFactorProof(args.proof) }
    return showSession(context, await services.accounts.completeMfa(input, client, principal))
  })
}
