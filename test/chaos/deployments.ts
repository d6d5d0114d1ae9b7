import { type CuttableProxy, openCuttableProxy } from '../support/cuttable-proxy.ts'
import { openPrivateRedis, type PrivateRedis } from '../support/private-redis.ts'

/** The Redis of a run, with the network that lies before it. */
export interface RedisBehindNetwork {
  readonly server: PrivateRedis
  readonly network: CuttableProxy
}

/** What the server of a run consists of, and what it has around it. */
export interface Deployment extends AsyncDisposable {
  /** Settings of the server. */
  readonly environment: Readonly<Record<string, string>>
  readonly redis: RedisBehindNetwork | null
}

const processes = { WEB_CONCURRENCY: '4' }

function withoutRedis(environment: Deployment['environment']): Deployment {
  return { environment, redis: null, [Symbol.asyncDispose]: async () => undefined }
}

async function openRedisCluster(): Promise<Deployment> {
  await using opened = new AsyncDisposableStack()
  const server = opened.use(await openPrivateRedis())
  const network = opened.use(await openCuttableProxy(server.port))
  const environment = { ...processes, REDIS_URL: `redis://127.0.0.1:${network.port}` }
  const all = opened.move()
  return { environment, redis: { server, network }, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** One process. */
export const alone: Deployment = withoutRedis({})

/** The deployments by name. */
export const deployments = {
  alone: { is: 'one process', open: async () => alone },
  cluster: { is: 'four members and their primary', open: async () => withoutRedis(processes) },
  redis: { is: 'the same over a Redis of the run, behind a network that can fail', open: openRedisCluster },
} as const satisfies Record<string, { readonly is: string; open(): Promise<Deployment> }>

export type DeploymentName = keyof typeof deployments
