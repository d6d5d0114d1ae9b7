import { type Config, readConfig } from '../../src/config.ts'
import type { Clock } from '../../src/core/clock.ts'
import { newSecret, sha256 } from '../../src/core/secrets.ts'
import type { Accounts } from '../../src/services/accounts/accounts.ts'
import type { Credentials } from '../../src/services/accounts/authentication/authentication.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { createTestApp } from '../support/create-test-app.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

export interface ApiAnswer {
  readonly status: number
  readonly body: string
  readonly data: unknown
  readonly errors: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[]
}

/** A caller with a cookie jar of their own, as a browser has one, or without a way to keep cookies, as on a WebSocket. */
export interface ApiClient {
  /** The session cookie that the server set last; `null` after it was cleared. */
  readonly cookie: string | null
  run(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    credentials?: Partial<Credentials>,
  ): Promise<ApiAnswer>
}

export interface Api extends AsyncDisposable {
  readonly setupToken: string | null
  readonly dataDir: string
  /** What the routes besides GraphQL call. */
  readonly accounts: Accounts
  /** `device`: that of the cookie which the browser got long ago; without one it gets one when it needs one. */
  client(options?: { readonly cookies?: boolean; readonly ip?: string; readonly device?: string }): ApiClient
}

export interface ApiOptions {
  readonly clock?: Clock
  /** Settings that no environment variable can make. */
  readonly settings?: Partial<Config>
}

/** A whole server in a folder of its own, called without a port. */
export async function openApi(
  environment: Readonly<Record<string, string>> = {},
  { clock, settings }: ApiOptions = {},
): Promise<Api> {
  const folder = await makeTestFolder()
  const config = { ...readConfig({ DATA_DIR: folder.path, COMPUTE_THREADS: '1', ...environment }), ...settings }
  const app = await createTestApp(config, { logger: collectingLogger(), passwordCost: 4, ...(clock && { clock }) })

  return {
    setupToken: app.setupToken,
    dataDir: config.dataDir,
    accounts: app.services.accounts,
    client({ cookies = true, ip = '192.0.2.7', device: ownDevice } = {}) {
      let cookie: string | null = null
      const sessionCookie = {
        set(value: string) {
          cookie = value
        },
        clear() {
          cookie = null
        },
      }
      let device: string | null = ownDevice ?? null
      const deviceCookie = {
        ensure() {
          device ??= sha256(newSecret())
          return device
        },
      }
      return {
        get cookie() {
          return cookie
        },
        async run(query, variables = {}, credentials = {}) {
          const { status, body } = await app.run(
            { method: 'POST', params: { query, variables }, mediaType: 'application/json' },
            {
              requestId: 'test',
              credentials: { apiKey: null, bearer: null, sessionCookie: cookie, ...credentials },
              client: { ip, userAgent: 'test', device, requestId: 'test' },
              sessionCookie: cookies ? sessionCookie : null,
              deviceCookie: cookies ? deviceCookie : null,
              retryAfter: null,
            },
          )
          // An answer of our own server.
          const { data = null, errors = [] } = JSON.parse(body) as Partial<ApiAnswer>
          return { status, body, data, errors }
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
