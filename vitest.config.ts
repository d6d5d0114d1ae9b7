import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    // Vite's module runner gives test files another copy of graphql than the libraries that node loads.
    // Node strips the types itself; without the loader `vi.mock` does not work either, which is as it should be.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    maxWorkers: 2,
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
})
