import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileBlobStore } from '../../../src/adapters/local/file-blob-store.ts'
import { systemClock } from '../../../src/core/clock.ts'
import type { HealthChecks } from '../../../src/core/health.ts'
import type { Services } from '../../../src/resolvers/context.ts'
import { limitOperations, operationLimits } from '../../../src/server/limits.ts'
import { createHttpDoor, type HttpDoor, type HttpDoorOptions } from '../../../src/server/http/http-server.ts'
import { createDoorShedding } from '../../../src/server/gate/shedding-door.ts'
import { admitsAll } from '../../../src/services/operations/shedding/admission.ts'
import { createErrorMask } from '../../../src/server/graphql/mask-error.ts'
import { createOriginPolicy } from '../../../src/server/http/origin-check.ts'
import { createOwnAddress, type OwnAddress } from '../../../src/server/http/own-address.ts'
import { createFactsReader } from '../../../src/server/http/request-facts.ts'
import { createPipeline } from '../../../src/server/graphql/pipeline.ts'
import { contextOpener } from '../../../src/server/request-context.ts'
import { createEngine } from '../../../src/server/graphql/engine.ts'
import { createReadiness } from '../../../src/services/operations/readiness.ts'
import type { StreamDoor, StreamRequest, UpgradeDoor } from '../../../src/server/streams/handlers.ts'
import { noStreamLimits } from '../no-stream-limits.ts'
import { createTopicSubscriptions } from '../../../src/server/streams/subscribe.ts'
import { type CollectingLogger, collectingLogger } from '../collecting-logger.ts'
import { fakeServices } from './fake-services.ts'
import { testSchema } from './test-schema.ts'

export interface TestDoorOptions {
  readonly publicUrl?: string | null
  readonly corsOrigins?: readonly string[]
  readonly trustedProxies?: readonly string[]
  readonly artifactMaxBytes?: number
  readonly graphiql?: boolean
  readonly webSocket?: UpgradeDoor
  /** What `/readyz` looks at, and for how many ms. */
  readonly checks?: HealthChecks
  readonly checkMs?: number
  readonly door?: Partial<HttpDoorOptions>
}

/** An HTTP door on a free port over fake services and a real blob store in a folder of its own. */
export interface TestDoor extends AsyncDisposable {
  readonly port: number
  readonly door: HttpDoor
  readonly address: OwnAddress
  readonly services: Services
  readonly logger: CollectingLogger
  /** What was handed to the doors for streams, which answer with their name. */
  readonly streamed: readonly { readonly transport: string; readonly body: unknown }[]
  /** The files that are kept, and those that are being received. */
  storedFiles(): Promise<readonly string[]>
}

export async function openTestDoor(options: TestDoorOptions = {}): Promise<TestDoor> {
  const { publicUrl = null, corsOrigins = [], trustedProxies = [], graphiql = true } = options
  const folder = await mkdtemp(join(tmpdir(), 'millrace-door-'))
  const services = fakeServices(await fileBlobStore({ folder }), options.artifactMaxBytes ?? 1_000_000)
  const logger = collectingLogger()
  const address = createOwnAddress(publicUrl)
  const maskError = createErrorMask(logger)
  const openContext = contextOpener(services, address.publicUrl)
  const subscriptions = createTopicSubscriptions({
    maskError,
    watch: (principal, onEnd) => services.accounts.watch(principal, onEnd),
    limits: noStreamLimits,
  })
  const getEnveloped = createPipeline({
    schema: testSchema(),
    plugins: [subscriptions.plugin],
    rules: [limitOperations(operationLimits)],
    maxTokens: operationLimits.tokens,
    introspection: graphiql,
  })
  const engine = createEngine({ getEnveloped, subscriptions, maskError })
  const streamed: { transport: string; body: unknown }[] = []
  const door = createHttpDoor({
    address,
    engine,
    openContext,
    maskError,
    logger,
    artifacts: services.artifacts,
    heapSnapshots: services.heapSnapshots,
    maintenance: () => services.runtimeSettings.maintenance(),
    takeMs: 60_000,
    shedding: createDoorShedding(admitsAll, () => ({ guess: () => 'read', maySpare: () => false })),
    publicKeys: () => [],
    readFacts: createFactsReader({ address, trustedProxies, clock: systemClock }),
    policy: createOriginPolicy(address, corsOrigins),
    sse: streamDoor('sse', streamed),
    poll: streamDoor('poll', streamed),
    webSocket: options.webSocket ?? {
      upgrade: async (_, socket) => void socket.end('HTTP/1.1 101 Taken\r\n\r\n'),
      close: async () => {},
    },
    graphiql,
    pages: null,
    metrics: null,
    readiness: createReadiness({ checks: options.checks ?? {}, deadlineMs: options.checkMs ?? 2_000, logger }),
    ...options.door,
  })
  const port = await door.listen({ host: '127.0.0.1', port: 0 })
  return {
    port,
    door,
    address,
    services,
    logger,
    streamed,
    async storedFiles() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
    },
    async [Symbol.asyncDispose]() {
      await door.close(0)
      await rm(folder, { recursive: true })
    },
  }
}

function streamDoor(transport: string, streamed: { transport: string; body: unknown }[]): StreamDoor {
  return {
    async handle({ response, body }: StreamRequest) {
      streamed.push({ transport, body })
      response.end(transport)
    },
    close: async () => {},
  }
}
