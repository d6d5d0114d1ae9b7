import { Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Delivery } from '../../../ports/accounts/account-records.ts'
import type { ClientInfo } from '../client-info.ts'
import type { Entered } from '../entered.ts'
import type { Admission } from '../entry/entry.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { type CheckedPasskey, createPasskeyCheck } from './check-passkey.ts'
import { enterChallenge, type PasskeyChallenge, takeChallenge } from './passkey-challenge.ts'

/** What a ceremony gave. */
export interface PasskeyAnswer {
  readonly challengeToken: string
  /** The credential as JSON: whatever somebody sent. */
  readonly response?: unknown
}

/** Coming in by a passkey alone. Nobody says who they are: what there is to be signed in to, only the passkey knows. */
export interface PasskeySignIn {
  /** A challenge for any passkey of this site; for a browser's session it is bound to the browser. Throws `RateLimitedError`. */
  startPasskeySignIn(delivery: Delivery, client: ClientInfo): Promise<PasskeyChallenge>
  /**
   * A passkey with user verification is two factors. Throws `INVALID_CREDENTIALS`, the same for every reason,
   * `EMAIL_NOT_VERIFIED` and `RateLimitedError`. `present` is who asked: their session ends.
   */
  finishPasskeySignIn(answer: PasskeyAnswer, client: ClientInfo, present: Principal): Promise<Entered>
}

export function createPasskeySignIn(parts: AccountParts): PasskeySignIn {
  const { store, clock, ceremonies, limiters, audit, entry } = parts
  const check = createPasskeyCheck(parts)

  return {
    async startPasskeySignIn(delivery, client) {
      await limiters.challengeByNetwork.consume(networkOf(client.ip))
      const asked = { purpose: 'PASSKEY_SIGN_IN', delivery, device: client.device } as const
      const { challenge, ...begun } = await store.write((records) => enterChallenge(records, asked, clock.now()))
      const ask = { challenge, allow: [], userVerification: 'required' } as const
      return { ...begun, options: await ceremonies.authenticationOptions(ask) }
    },

    async finishPasskeySignIn({ challengeToken, response }, client, present) {
      await limiters.challengeByNetwork.consume(networkOf(client.ip))
      const expected = { purpose: 'PASSKEY_SIGN_IN', device: client.device, now: clock.now() } as const
      const { challenge, delivery = null } = (await takeChallenge(store, challengeToken, expected)) ?? {}
      // Not written down: anybody can send any number of these, and they concern nobody.
      if (challenge === undefined || delivery === null) throw refusal()
      const checked = await check({ response, challenge, userId: null, requireUserVerification: true, client })
      if (checked === null) return refuse(client, present, null)
      const admission = await admit(checked, { delivery, client, present })
      return admission === null ? refuse(client, present, checked.userId) : entry.handOver(admission)
    },
  }

  /** `null` when the user is disabled or the passkey was used, flagged or removed meanwhile. */
  function admit(
    { userId, commit }: CheckedPasskey,
    from: { readonly delivery: Delivery; readonly client: ClientInfo; readonly present: Principal },
  ): Promise<Admission | null> {
    return store.write(async (records) => {
      const user = await records.accounts.findUser(userId)
      if (user?.disabledAt !== null || !(await commit(records))) return null
      return entry.admit(records, { ...from, user, methods: ['PASSKEY'], assurance: 2 })
    })
  }

  async function refuse(client: ClientInfo, present: Principal, subjectId: string | null): Promise<never> {
    const methods = ['PASSKEY'] as const
    await store.write((records) =>
      audit(records, { event: 'SIGN_IN_FAILED', outcome: 'FAILURE', by: present, client, subjectId, methods }),
    )
    throw refusal()
  }
}

function refusal(): Refusal {
  return new Refusal('INVALID_CREDENTIALS', 'That passkey cannot sign in here, or it came too late: start again.')
}
