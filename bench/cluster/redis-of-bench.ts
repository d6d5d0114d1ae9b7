import { installServices } from '../../scripts/install-services.ts'
import { openPrivateRedis } from '../../test/support/private-redis.ts'

/** A Redis of the benchmark's own. */
export interface BenchRedis extends AsyncDisposable {
  readonly url: string
  /** What its process has used of the processor so far. */
  cpuUs(): Promise<number>
}

/** Starts it. `null`, and a sentence is printed, where there is no redis-server. */
export async function openBenchRedis(stopped: AbortSignal): Promise<BenchRedis | null> {
  const missing = await installServices(['bench/cluster.ts'], stopped)
  if (missing !== null) {
    console.log(`  without Redis: ${missing}`)
    return null
  }
  const redis = await openPrivateRedis()
  return {
    url: redis.url,
    async cpuUs() {
      const text = String(await redis.command('info', 'cpu'))
      const seconds = [...text.matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].map(([, figure]) => Number(figure))
      return seconds.reduce((sum, each) => sum + each, 0) * 1e6
    },
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  }
}
