import { join } from 'node:path'
import type { App, AppOptions } from '../../src/app.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { collectingLogger } from './collecting-logger.ts'
import { createTestApp } from './create-test-app.ts'
import { makeTestFolder } from './open-test-store.ts'

/** A whole app of the test's own that listens on a free port, with cheap password hashes. */
export async function openTestApp(settings: Partial<Config> = {}, options: Partial<AppOptions> = {}): Promise<App> {
  const folder = await makeTestFolder()
  const config = { ...readConfig({ PORT: '0', COMPUTE_THREADS: '2' }), dataDir: join(folder.path, 'data'), ...settings }
  const app = await createTestApp(config, { logger: collectingLogger(), passwordCost: 4, ...options })
  await app.listen()
  return {
    ...app,
    get url() {
      return app.url
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
