import type { SigningKeysService } from '../../services/accounts/keys/rotate-signing-keys.ts'
import type { Artifacts } from '../../services/jobs/artifacts.ts'
import type { HeapSnapshotService } from '../../services/operations/heap-snapshots/heap-snapshots.ts'
import type { Readiness } from '../../services/operations/readiness.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Engine } from '../operation.ts'
import type { OpenContext } from '../request-context.ts'
import type { ReadMaintenance } from '../gate/maintenance.ts'
import type { DoorShedding } from '../gate/shedding-door.ts'
import type { StreamDoor } from '../streams/handlers.ts'
import { artifactPath, createDownloadDoor } from './downloads.ts'
import { createGraphiqlPage } from './graphiql.ts'
import { createGraphQLDoor } from './graphql-door.ts'
import { createReadinessDoor, livenessDoor, livenessPath, readinessPath } from './health.ts'
import type { Door } from './exchange.ts'
import type { HttpLimits } from './http-limits.ts'
import { createHeapSnapshotDoor, heapSnapshotPath } from './heap-snapshot-door.ts'
import { createJwksDoor, jwksPath } from './jwks-door.ts'
import { metricsPath } from './metrics-door.ts'
import type { Observe } from '../graphql/observe.ts'
import type { RunOperation } from '../graphql/operation-runner.ts'
import { createOAuthDoor, oauthPath } from './oauth-door.ts'
import type { OwnAddress } from './own-address.ts'
import { createAssetDoor, createFrontDoor, type Pages } from './page-door.ts'
import { operationPurpose, type Route } from './routes.ts'
import { createSignOutDoor, signOutPath } from './sign-out-door.ts'
import { createUploadDoor } from './uploads.ts'

export const graphqlPath = '/graphql'

export interface DoorsOptions {
  readonly address: OwnAddress
  readonly run: RunOperation
  /** Runs the operations of uploads. */
  readonly engine: Engine
  readonly artifacts: Artifacts
  readonly heapSnapshots: Pick<HeapSnapshotService, 'find' | 'open'>
  readonly maintenance: ReadMaintenance
  /** What access tokens are verified with, for everybody. */
  readonly publicKeys: SigningKeysService['publicKeys']
  readonly openContext: OpenContext
  readonly observe?: Observe | undefined
  readonly sse: StreamDoor
  readonly poll: StreamDoor
  readonly graphiql: boolean
  /** The page for people at `/`; without one, `/` leads to GraphiQL. */
  readonly pages: Pages | null
  readonly readiness: Pick<Readiness, 'read'>
  /** `null` where it is on another port. */
  readonly metrics: Door | null
  readonly logger: Logger
  readonly limits: HttpLimits
  readonly shedding: DoorShedding
}

/** The routing table. */
export function createRoutes(options: DoorsOptions): readonly Route[] {
  const { address, artifacts, openContext, engine, limits, maintenance, metrics, observe, pages } = options
  const uploadLimits = {
    maxFiles: limits.uploadFiles,
    maxFieldBytes: limits.uploadFieldBytes,
    idleMs: limits.uploadIdleMs,
    paceMs: limits.uploadPaceMs,
    paceBytes: limits.uploadPaceBytes,
  }
  const graphql = createGraphQLDoor({
    run: options.run,
    sse: options.sse,
    poll: options.poll,
    upload: createUploadDoor({ engine, artifacts, openContext, maintenance, observe, limits: uploadLimits }),
    graphiql: options.graphiql ? createGraphiqlPage(address) : null,
    bodyLimits: { maxBytes: limits.bodyBytes, deadlineMs: limits.bodyMs },
    shedding: options.shedding,
  })
  return [
    { path: graphqlPath, door: graphql, purpose: operationPurpose, isOperation: true },
    { path: artifactPath, door: createDownloadDoor({ artifacts, openContext }), purpose: () => 'download' },
    { path: heapSnapshotPath, door: createHeapSnapshotDoor(options), purpose: () => 'download' },
    { path: oauthPath, door: createOAuthDoor({ openContext }) },
    { path: signOutPath, door: createSignOutDoor({ openContext }), purpose: () => 'operation' },
    { path: jwksPath, door: createJwksDoor(options) },
    { path: livenessPath, door: livenessDoor, isProbe: true },
    { path: readinessPath, door: createReadinessDoor(options.readiness.read), isProbe: true },
    ...(metrics === null
      ? []
      : [{ path: metricsPath, door: metrics, purpose: () => 'download' as const, isProbe: true }]),
    { path: '/', door: createFrontDoor({ pages, fallback: options.graphiql ? graphqlPath : null, address }) },
    { path: '/assets/', door: createAssetDoor(pages) },
  ]
}
