import type { GraphQLSchema } from 'graphql'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Services } from '../resolvers/context.ts'
import { gatePlugin } from './gate.ts'
import { assertSchemaGuarded } from './gate/assert-schema-guarded.ts'
import { oneCredentialField } from './gate/one-credential-field.ts'
import type { HealthCheck } from './http/health.ts'
import { createHttpDoor, type HttpDoor } from './http/http-server.ts'
import { createErrorMask } from './graphql/mask-error.ts'
import { createOriginPolicy } from './http/origin-check.ts'
import type { OwnAddress } from './http/own-address.ts'
import { createFactsReader } from './http/request-facts.ts'
import { createPipeline } from './graphql/pipeline.ts'
import { limitOperations, operationLimits } from './limits.ts'
import { readAsset, renderPage } from './page/pages.ts'
import { contextOpener } from './request-context.ts'
import { createEngine } from './graphql/engine.ts'
import { createOutbox } from './streams/outbox.ts'
import { createPollDoor } from './streams/poll.ts'
import { createSseDoor } from './streams/sse.ts'
import type { StreamLimits } from './streams/stream-limits.ts'
import { createTopicSubscriptions } from './streams/subscribe.ts'
import type { WatchCredential } from './streams/watch-credential.ts'
import { createWebSocketDoor } from './streams/ws.ts'

export interface ServerOptions {
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly logger: Logger
  readonly clock: Clock
  readonly address: OwnAddress
  readonly corsOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  /** Whether GraphiQL, the page and introspection are there for everybody. */
  readonly graphiql: boolean
  readonly checks: Readonly<Record<string, HealthCheck>>
  readonly streamLimits: StreamLimits
}

export interface Server {
  readonly door: HttpDoor
  /** What is open at the door: sockets, and streams over them, waiting polls among them. */
  readonly open: { readonly connections: number; readonly streams: number }
  /** Where the server is reached; its port is known once the door listens. */
  publicUrl(): string
  /** Operations that begin from now on are those of this schema. Throws when a field of it is not guarded. */
  useSchema(schema: GraphQLSchema): void
}

/** Everything between a socket and the services. Throws when a field of the schema is not guarded. */
export function openServer(options: ServerOptions): Server {
  const { services, logger, clock, address } = options
  const maskError = createErrorMask(logger)
  const policy = createOriginPolicy(address, options.corsOrigins)
  const readFacts = createFactsReader({ address, trustedProxies: options.trustedProxies, clock })
  const openContext = contextOpener(services, () => address.publicUrl())

  const maintenance = () => services.runtimeSettings.maintenance()
  const watch: WatchCredential = (principal, onEnd, held) => services.accounts.watch(principal, onEnd, held)
  const subscriptions = createTopicSubscriptions({ maskError, watch, limits: options.streamLimits })
  const pipelineOf = (schema: GraphQLSchema) => {
    assertSchemaGuarded(schema)
    return createPipeline({
      schema,
      // Yoga takes envelop's plugins; only `exactOptionalPropertyTypes` stands between the two types.
      plugins: [gatePlugin(maintenance) as object, subscriptions.plugin],
      rules: [oneCredentialField, limitOperations(operationLimits)],
      maxTokens: operationLimits.tokens,
      introspection: options.graphiql,
    })
  }
  let getEnveloped = pipelineOf(options.schema)
  const engine = createEngine({ getEnveloped: (context) => getEnveloped(context), subscriptions, maskError })
  const transport = { engine, openContext, maskError, logger, outbox: createOutbox() }
  const door = createHttpDoor({
    ...transport,
    address,
    policy,
    readFacts,
    artifacts: services.artifacts,
    maintenance,
    publicKeys: () => services.accounts.publicKeys(),
    sse: createSseDoor(transport),
    poll: createPollDoor(transport),
    webSocket: createWebSocketDoor({
      ...transport,
      watch,
      admitSocket: (ip) => options.streamLimits.admitSocket(ip),
      factsOf: (request) => readFacts.read(request, null),
      isOriginAllowed: (request) => policy.isAllowed(request.headers.origin ?? null),
    }),
    graphiql: options.graphiql,
    pages: options.graphiql ? { render: renderPage, readAsset } : null,
    checks: options.checks,
  })
  return {
    door,
    get open() {
      return { connections: door.connections, streams: subscriptions.open }
    },
    publicUrl: () => address.publicUrl(),
    useSchema(schema) {
      getEnveloped = pipelineOf(schema)
    },
  }
}
