import type { RequestContext } from '../context.ts'
import { outcome } from '../outcome.ts'
import type { Refused } from '../refused.ts'
import { assertRenewable, showSession } from './begin-session.ts'
import { type ProofInput, readProof } from './read-proof.ts'
import type { ShownSignIn } from './shown-session.ts'

export function completeStepUp(
  _root: unknown,
  args: { readonly challengeToken: string; readonly proof: ProofInput },
  context: RequestContext,
): Promise<ShownSignIn | Refused> {
  return outcome(context, ['INVALID_CODE', 'INVALID_CHALLENGE', 'RATE_LIMITED'], async () => {
    await assertRenewable(context)
    const { services, client, principal } = context
    const input = { challengeToken: args.challengeToken, proof: readProof(args.proof) }
    return showSession(context, await services.accounts.completeStepUp(input, principal, client))
  })
}
