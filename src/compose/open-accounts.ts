import { composeAccounts } from './compose-accounts.ts'
import type { Config } from '../config.ts'
import { systemClock } from '../core/clock.ts'
import { openRecords } from './open-records.ts'
import type { Logger } from '../ports/logger.ts'
import { createOwnAddress } from '../server/http/own-address.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import { createHub } from '../services/streams/hub.ts'
import { alone } from './surroundings.ts'

/** The accounts of a data folder, also while a server uses it. Throws a `DataFolderError`. */
export async function openAccounts(
  config: Config,
  logger: Logger,
): Promise<AsyncDisposable & { readonly accounts: Accounts }> {
  await using opened = new AsyncDisposableStack()
  const { store, folder, secret } = await openRecords(config, opened, { exclusive: false })
  const { bus, openLimiter } = opened.use(await alone({ redisUrl: null }).surround({ store, folder, secret, logger }))
  const hub = opened.use(createHub({ store, bus, logger }))
  const composed = await composeAccounts(config, {
    address: createOwnAddress(config.publicUrl),
    bus,
    hub,
    clock: systemClock,
    logger,
    openLimiter,
    store,
    secret,
  })
  const accounts = opened.use(composed)
  const resources = opened.move()
  return { accounts, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
