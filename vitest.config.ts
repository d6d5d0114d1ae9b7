import { defineConfig } from 'vitest/config'
import { findServerSuites } from './test/support/deployed-suites.ts'

const { deployed } = findServerSuites(import.meta.dirname)

/** A project of its own for each deployment, which `test/support/create-test-app.ts` reads. */
const deployment = (name: 'cluster' | 'redis', globalSetup: string[] = []) => ({
  extends: true as const,
  test: { name, include: [...deployed], env: { MILLRACE_TEST_DEPLOYMENT: name }, globalSetup },
})

export default defineConfig({
  test: {
    environment: 'node',
    // Vite's module runner gives test files another copy of graphql than the libraries that node loads.
    // Node strips the types itself; without the loader `vi.mock` does not work either, which is as it should be.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    maxWorkers: 2,
    testTimeout: 15_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'] } },
      deployment('cluster'),
      deployment('redis', ['test/support/redis-of-the-run.ts']),
    ],
  },
})
