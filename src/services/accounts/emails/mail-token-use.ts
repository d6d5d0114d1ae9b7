import { Refusal } from '../../../core/errors.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { OneTimeTokenRecord } from '../../../ports/accounts/one-time-tokens.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import { findUsableToken } from '../one-time-token.ts'
import type { AccountParts } from '../parts.ts'
import { type MailTokenPurpose, mailTokenEmail } from './mail-tokens.ts'

/** A link that somebody has opened. */
export interface OpenedLink {
  readonly token: string
  readonly purpose: MailTokenPurpose
  readonly client: ClientInfo
}

/** Whom a link that works is of. */
export interface LinkHolder {
  readonly user: UserRecord
  /** The address that the link proves, or leads back to. */
  readonly email: string
}

/**
 * The tokens of links in mails. Each method throws `INVALID_TOKEN`, whatever is wrong (unknown, of another purpose, used,
 * expired, its user disabled or gone), and a `RateLimitedError` to a network that tries too many of those.
 */
export interface MailTokenUse {
  /** Whose it is, without using it up. */
  check<T>(link: OpenedLink, look: (records: Records, holder: LinkHolder) => Promise<T>): Promise<T>
  /** Uses it up, in the transaction of the work; a work that throws leaves it as it was. */
  use<T>(link: OpenedLink, work: (records: Records, holder: LinkHolder) => Promise<T>): Promise<T>
}

export function createMailTokenUse({
  store,
  clock,
  limiters,
}: Pick<AccountParts, 'store' | 'clock' | 'limiters'>): MailTokenUse {
  /** Counts a link that does not work. */
  async function counted<T>({ client }: OpenedLink, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const isWrong = error instanceof Refusal && error.code === 'INVALID_TOKEN'
      if (isWrong) await limiters.tokenByNetwork.consume(networkOf(client.ip))
      throw error
    }
  }

  async function find(records: Records, { token, purpose }: OpenedLink): Promise<OneTimeTokenRecord> {
    const record = await findUsableToken(records, token, { purpose, device: null, now: clock.now() })
    if (record === null) throw invalidToken()
    return record
  }

  const check: MailTokenUse['check'] = (link, look) =>
    counted(link, () =>
      store.read(async (records) => look(records, await holderOf(records, await find(records, link)))),
    )

  return {
    check,

    use: (link, work) =>
      counted(link, async () => {
        // A wrong token does not hold up those who write.
        const { id } = await store.read((records) => find(records, link))
        return store.write(async (records) => {
          const taken = await records.oneTimeTokens.take(id, clock.now())
          if (taken === null) throw invalidToken()
          return work(records, await holderOf(records, taken))
        })
      }),
  }
}

async function holderOf({ accounts }: Records, token: OneTimeTokenRecord): Promise<LinkHolder> {
  const user = token.userId === null ? null : await accounts.findUser(token.userId)
  if (user?.disabledAt !== null) throw invalidToken()
  return { user, email: mailTokenEmail(token) }
}

/** The one answer for every link that does not work. */
export function invalidToken(): Refusal {
  return new Refusal('INVALID_TOKEN', 'The link does not work: it is wrong, was used already, or has expired.')
}
