import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApp } from '../../support/open-test-app.ts'
import { type ExposedFamily, parseExposition } from '../../support/parse-exposition.ts'
import { type SignedInUser, signUpAt } from '../../support/signed-in.ts'

/** As `createTestApp` deploys them. */
const members = process.env['MILLRACE_TEST_DEPLOYMENT'] === undefined ? ['1'] : ['1', '2']

const opened = new AsyncDisposableStack()
let url: string
let admin: SignedInUser
let user: SignedInUser

beforeAll(async () => {
  const app = opened.use(await openTestApp())
  ;({ url } = app)
  admin = await signUpAt(url, 'ada', app.setupToken)
  user = await signUpAt(url, 'eve')
})
afterAll(() => opened.disposeAsync())

const scrape = (headers: Readonly<Record<string, string>>, method = 'GET') =>
  fetch(`${url}/metrics`, { method, headers })

async function keyOf(owner: SignedInUser, scopes: readonly string[]): Promise<string> {
  const { createApiKey } = await owner.request<{ createApiKey: { key?: string } }>(
    'mutation ($scopes: [Scope!]!) { createApiKey(input: { name: "k", scopes: $scopes }) { ... on ApiKeyIssued { key } } }',
    { scopes },
  )
  if (createApiKey.key === undefined) throw new Error('No key was given.')
  return createApiKey.key
}

async function exposed(): Promise<ReadonlyMap<string, ExposedFamily>> {
  const answer = await scrape(admin.headers)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return parseExposition(await answer.text())
}

describe('/metrics', () => {
  it.each<[string, () => Promise<Record<string, string>>, number, string]>([
    ['nobody', async () => ({}), 401, 'UNAUTHENTICATED'],
    ['a token that is none', async () => ({ authorization: 'Bearer abc' }), 401, 'UNAUTHENTICATED'],
    ['a user', async () => user.headers, 403, 'INSUFFICIENT_SCOPE'],
    [
      'the API key of an administrator that lacks the scope',
      async () => ({ authorization: `Bearer ${await keyOf(admin, ['JOBS_READ'])}` }),
      403,
      'INSUFFICIENT_SCOPE',
    ],
  ])('is not for %s', async (_who, headers, status, code) => {
    const answer = await scrape(await headers())
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code } }] })
  })

  it('is for administrators, and for API keys with the scope in either header', async () => {
    expect((await scrape(admin.headers)).status).toBe(200)
    const key = await keyOf(admin, ['ADMIN'])
    for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }]) {
      const answer = await scrape(headers)
      expect(answer.status).toBe(200)
      expect(parseExposition(await answer.text()).size).toBeGreaterThan(10)
    }
  })

  it('can be asked for its headers, and for nothing else', async () => {
    const head = await scrape(admin.headers, 'HEAD')
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
    const post = await scrape(admin.headers, 'POST')
    expect(post.status).toBe(405)
    expect(await post.json()).toMatchObject({ errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }] })
  })

  it('tells of every process that serves, what each is and does', async () => {
    const families = await exposed()
    const simple = [
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'process_start_time_seconds',
      'nodejs_heap_size_used_bytes',
      'nodejs_heap_size_limit_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_eventloop_utilization',
      'millrace_connections',
      'millrace_bus_live',
      'millrace_disk_free_bytes',
      'millrace_build_info',
      'millrace_jobs_queued',
      'millrace_queue_age_seconds',
      'millrace_maintenance',
    ]
    for (const name of simple) {
      const told = families.get(name)?.samples.map(({ labels }) => labels['member'])
      expect([name, told]).toEqual([name, members])
    }
    const states = families.get('millrace_threads')?.samples.filter(({ labels }) => labels['member'] === members.at(-1))
    expect(states?.map(({ labels, value }) => [labels['state'], value])).toEqual([
      ['busy', 0],
      ['idle', 2],
      ['zombie', 0],
    ])
    const [build] = families.get('millrace_build_info')?.samples ?? []
    expect(build).toMatchObject({ value: 1, labels: { node: process.versions.node } })
  })
})
