import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { newSecret, sha256 } from '../../src/core/secrets.ts'
import type { Credentials } from '../../src/services/accounts/authentication/authentication.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
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
  client(options?: { readonly cookies?: boolean; readonly ip?: string }): ApiClient
}

/** A whole server in a folder of its own, called without a port. */
export async function openApi(environment: Readonly<Record<string, string>> = {}): Promise<Api> {
  const folder = await makeTestFolder()
  const config = readConfig({ DATA_DIR: folder.path, COMPUTE_THREADS: '1', ...environment })
  const app = await createApp(config, { logger: collectingLogger(), passwordCost: 4 })

  return {
    setupToken: app.setupToken,
    client({ cookies = true, ip = '192.0.2.7' } = {}) {
      let cookie: string | null = null
      const sessionCookie = {
        set(value: string) {
          cookie = value
        },
        clear() {
          cookie = null
        },
      }
      let device: string | null = null
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
