import type { GraphQLSchema } from 'graphql'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Services } from '../resolvers/context.ts'
import type { Readiness } from '../services/operations/readiness.ts'
import type { Admission } from '../services/operations/shedding/admission.ts'
import { gatePlugin } from './gate.ts'
import { assertSchemaGuarded } from './gate/assert-schema-guarded.ts'
import { oneCredentialField } from './gate/one-credential-field.ts'
import { createWorkClasses } from './gate/shedding-classes.ts'
import { createDoorShedding } from './gate/shedding-door.ts'
import { sheddingPlugin } from './gate/shedding.ts'
import { createHttpDoor, type HttpDoor } from './http/http-server.ts'
import { createErrorMask, type MaskError } from './graphql/mask-error.ts'
import { createReadinessDoor, livenessDoor, livenessPath, readinessPath } from './http/health.ts'
import { administratorsOnly, createMetricsDoor, everybody, metricsPath, type MetricsText } from './http/metrics-door.ts'
import { createOpsDoor, type OpsDoor } from './http/ops-door.ts'
import { createOriginPolicy } from './http/origin-check.ts'
import type { OwnAddress } from './http/own-address.ts'
import { createFactsReader } from './http/request-facts.ts'
import { createPipeline } from './graphql/pipeline.ts'
import { limitOperations, operationLimits } from './limits.ts'
import { readAsset, renderPage } from './page/pages.ts'
import { contextOpener } from './request-context.ts'
import { createEngine, type GetEnveloped } from './graphql/engine.ts'
import { noObservation, type OpenObservation } from './open-observation.ts'
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
  readonly readiness: Readiness
  /** Whether probes and figures have a port of their own. */
  readonly hasOpsPort: boolean
  /** What `/metrics` answers. */
  readonly collectMetrics: () => Promise<MetricsText>
  readonly streamLimits: StreamLimits
  readonly admission: Admission
  /** For how long a client may take nothing of its answer, in ms. */
  readonly takeMs: number
  /** What sees the requests; without it nobody does. */
  readonly observation?: OpenObservation
}

export interface Server {
  readonly door: HttpDoor
  /** The port of its own for probes and figures. */
  readonly ops: OpsDoor | null
  /** What is open at the door: sockets, and streams over them, waiting polls among them. */
  readonly open: { readonly connections: number; readonly streams: number }
  /** Where the server is reached; its port is known once the door listens. */
  publicUrl(): string
  /** Operations that begin from now on are those of this schema. Throws when a field of it is not guarded. */
  useSchema(schema: GraphQLSchema): void
}

/** Everything between a socket and the services. Throws when a field of the schema is not guarded. */
export function openServer(options: ServerOptions): Server {
  const { services, logger, clock, address, hasOpsPort, collectMetrics: collect } = options
  const maskError = createErrorMask(logger)
  const policy = createOriginPolicy(address, options.corsOrigins)
  const readFacts = createFactsReader({ address, trustedProxies: options.trustedProxies, clock })
  const openContext = contextOpener(services, () => address.publicUrl())

  const maintenance = () => services.runtimeSettings.maintenance()
  const watch: WatchCredential = (principal, onEnd, held) => services.accounts.watch(principal, onEnd, held)
  const { observe, streams, deadlines, figures, log: requestLog } = options.observation ?? noObservation
  const subscriptions = createTopicSubscriptions({ maskError, watch, limits: options.streamLimits, figures: streams })
  const pipelineOf = (schema: GraphQLSchema) =>
    openPipeline(schema, options, [gatePlugin(maintenance), subscriptions.plugin])
  let pipeline = pipelineOf(options.schema)
  const shedding = createDoorShedding(options.admission, () => pipeline.classes)
  const getEnveloped: GetEnveloped = (context) => pipeline.getEnveloped(context)
  const engine = createEngine({ getEnveloped, subscriptions, maskError, deadlines })
  const transport = { engine, openContext, maskError, observe, logger, outbox: createOutbox() }
  const door = createHttpDoor({
    ...transport,
    figures,
    requestLog,
    shedding,
    takeMs: options.takeMs,
    address,
    policy,
    readFacts,
    artifacts: services.artifacts,
    heapSnapshots: services.heapSnapshots,
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
    readiness: options.readiness,
    metrics: hasOpsPort ? null : createMetricsDoor({ collect, authorise: administratorsOnly(openContext) }),
  })
  return {
    door,
    ops: hasOpsPort ? openOps(options, maskError) : null,
    get open() {
      return { connections: door.connections, streams: subscriptions.open }
    },
    publicUrl: () => address.publicUrl(),
    useSchema(schema) {
      pipeline = pipelineOf(schema)
    },
  }
}

/** The pipeline of a schema: what is too much is refused first, then the plugins decide. Throws when a field of it is not guarded. */
function openPipeline(schema: GraphQLSchema, { admission, graphiql }: ServerOptions, plugins: readonly object[]) {
  assertSchemaGuarded(schema)
  const classes = createWorkClasses(schema)
  const getEnveloped = createPipeline({
    schema,
    // Yoga takes envelop's plugins; only `exactOptionalPropertyTypes` stands between the two types.
    plugins: [sheddingPlugin(admission, classes) as object, ...plugins],
    rules: [oneCredentialField, limitOperations(operationLimits)],
    maxTokens: operationLimits.tokens,
    introspection: graphiql,
  })
  return { getEnveloped, classes }
}

/** The port of its own, where nobody is asked who they are. */
function openOps({ readiness, collectMetrics: collect, logger }: ServerOptions, maskError: MaskError): OpsDoor {
  const doors = {
    [livenessPath]: livenessDoor,
    [readinessPath]: createReadinessDoor(readiness.read),
    [metricsPath]: createMetricsDoor({ collect, authorise: everybody }),
  }
  return createOpsDoor({ doors, maskError, logger })
}
