import { createSchema } from '../../src/schema/index.ts'
import { createOwnAddress } from '../../src/server/http/own-address.ts'
import { createReadiness } from '../../src/services/operations/readiness.ts'
import { admitsAll } from '../../src/services/operations/shedding/admission.ts'
import { openServer } from '../../src/server/open-server.ts'
import { noStreamLimits } from './no-stream-limits.ts'
import { fileBlobStore } from '../../src/adapters/local/file-blob-store.ts'
import { type AccountsOverrides, type AccountsUnderTest, openAccounts } from '../unit/accounts/open-accounts.ts'
import { type CollectingLogger, collectingLogger } from './collecting-logger.ts'
import { fakeServices } from './http/fake-services.ts'
import { makeTestFolder } from './open-test-store.ts'

export interface AccountsServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly accounts: AccountsUnderTest
  readonly logger: CollectingLogger
}

/** A whole server over real accounts of which the test sees the inside: each use of the hasher, the clock, the database. */
export async function openAccountsServer(overrides: AccountsOverrides = {}): Promise<AccountsServer> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await makeTestFolder())
  const accounts = opened.use(await openAccounts(overrides))
  const logger = collectingLogger()
  const { door, publicUrl } = openServer({
    schema: createSchema([]).schema,
    services: { ...fakeServices(await fileBlobStore({ folder: folder.path }), 1_000), accounts: accounts.accounts },
    logger,
    clock: accounts.clock,
    address: createOwnAddress(null),
    corsOrigins: [],
    trustedProxies: [],
    graphiql: false,
    readiness: createReadiness({ checks: {}, deadlineMs: 1_000, logger }),
    hasOpsPort: false,
    collectMetrics: async () => ({ mediaType: 'text/plain', text: '' }),
    admission: admitsAll,
    takeMs: 60_000,
    streamLimits: noStreamLimits,
  })
  const port = await door.listen({ host: '127.0.0.1', port: 0 })
  opened.defer(() => door.close(0))
  const resources = opened.move()
  return {
    port,
    url: `${publicUrl()}/graphql`,
    accounts,
    logger,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
