import type { TestProject } from 'vitest/node'
import { openPrivateRedis } from './private-redis.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** One Redis for all tests of a run: stores that share one do not hear each other. */
    readonly redisUrl: string
  }
}

/** Starts it before the first test; the result ends it. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const redis = await openPrivateRedis()
  provide('redisUrl', redis.url)
  return async () => redis[Symbol.asyncDispose]()
}
