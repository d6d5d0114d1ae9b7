import { memoryRateLimiter } from '../../src/adapters/local/memory-rate-limiter.ts'
import type { Records, Store } from '../../src/ports/store.ts'
import type { Accounts } from '../../src/services/accounts/accounts.ts'
import type { Credentials } from '../../src/services/accounts/authentication/authentication.ts'
import { eventually } from '../../test/support/eventually.ts'
import { type AccountsUnderTest, client, nothing, openAccounts } from '../../test/unit/accounts/open-accounts.ts'
import { measurePaired } from '../paired-rounds.ts'

/** The most CPU µs that each may take. What is looked up is so once a minute. */
const targets = { 'access token, remembered': 5, 'session cookie, remembered': 40 }

/** What finding out who asks costs, by kind of credential; says whether the targets were met. */
export async function benchAuthentication(): Promise<boolean> {
  await using bench = await openAccounts({
    limiters: { apiKeyUse: memoryRateLimiter({ attempts: 1e15, seconds: 60 }) },
  })
  // One that cannot hear of revocations looks every credential up.
  const forgetful = await bench.restart({ store: withoutLog(bench.store) })
  const remembering = bench.accounts
  const credentials = await makeCredentials(bench)
  for (const credential of Object.values(credentials)) await untilRemembered(bench, credential)
  const ask = (accounts: Accounts, credential: Credentials) => async () => accounts.authenticate(credential, client)
  const figures = await measurePaired(
    {
      'session cookie, looked up': ask(forgetful, credentials.cookie),
      'session cookie, remembered': ask(remembering, credentials.cookie),
      'access token, looked up': ask(forgetful, credentials.token),
      'access token, remembered': ask(remembering, credentials.token),
      'API key, looked up': ask(forgetful, credentials.key),
      'API key, remembered': ask(remembering, credentials.key),
    },
    { rounds: 15, sliceMs: 40 },
  )

  console.log('Who asks: CPU µs per request, medians of 15 paired rounds')
  const lines = Object.entries(figures).map(([name, { median, lowest, highest, ratio }]) => {
    const target = Object.entries(targets).find(([named]) => named === name)?.[1] ?? null
    const verdict = target === null ? '' : `  target ${target}: ${median <= target ? 'met' : 'MISSED'}`
    const range = `(${lowest.toFixed(1)} to ${highest.toFixed(1)})`
    console.log(
      `  ${name.padEnd(28)} ${median.toFixed(1).padStart(7)} ${range.padEnd(20)} × ${ratio.toFixed(2)}${verdict}`,
    )
    return target === null || median <= target
  })
  return lines.every(Boolean)
}

async function makeCredentials(bench: AccountsUnderTest) {
  const { cookie } = await bench.signUp()
  const { tokens } = await bench.signIn({ delivery: 'TOKENS' })
  const principal = await bench.accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
  const { text } = await bench.accounts.createApiKey({ name: 'bench', scopes: ['jobs:read'] }, client, principal)
  return {
    cookie: { ...nothing, sessionCookie: cookie },
    token: { ...nothing, bearer: tokens?.accessToken ?? null },
    key: { ...nothing, apiKey: text },
  }
}

/** Who is remembered is the same object each time. */
async function untilRemembered({ accounts }: AccountsUnderTest, credential: Credentials): Promise<void> {
  const ask = () => accounts.authenticate(credential, client)
  await eventually(async () => (await ask()) === (await ask()))
}

/** The store for one who cannot read the log of events. */
function withoutLog(store: Store): Store {
  const blind = new WeakMap<Records, Records>()
  const blindOf = (records: Records) => {
    const known = blind.get(records) ?? {
      ...records,
      log: { ...records.log, head: () => Promise.reject(new Error('no log')) },
    }
    blind.set(records, known)
    return known
  }
  return { ...store, read: (work) => store.read((records) => work(blindOf(records))) }
}
