import type { SigningKeysService } from '../../services/accounts/keys/rotate-signing-keys.ts'
import type { Artifacts } from '../../services/jobs/artifacts.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Engine } from '../operation.ts'
import type { OpenContext } from '../request-context.ts'
import type { ReadMaintenance } from '../gate/maintenance.ts'
import type { StreamDoor } from '../streams/handlers.ts'
import { artifactPath, createDownloadDoor } from './downloads.ts'
import { createGraphiqlPage } from './graphiql.ts'
import { createGraphQLDoor } from './graphql-door.ts'
import { createReadinessDoor, type HealthCheck, livenessDoor } from './health.ts'
import type { HttpLimits } from './http-limits.ts'
import { createJwksDoor, jwksPath } from './jwks-door.ts'
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
  readonly maintenance: ReadMaintenance
  /** What access tokens are verified with, for everybody. */
  readonly publicKeys: SigningKeysService['publicKeys']
  readonly openContext: OpenContext
  readonly sse: StreamDoor
  readonly poll: StreamDoor
  readonly graphiql: boolean
  /** The page for people at `/`; without one, `/` leads to GraphiQL. */
  readonly pages: Pages | null
  readonly checks: Readonly<Record<string, HealthCheck>>
  readonly isDraining: () => boolean
  readonly logger: Logger
  readonly limits: HttpLimits
}

/** The routing table. */
export function createRoutes(options: DoorsOptions): readonly Route[] {
  const { address, artifacts, openContext, engine, limits, maintenance, pages } = options
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
    upload: createUploadDoor({ engine, artifacts, openContext, maintenance, limits: uploadLimits }),
    graphiql: options.graphiql ? createGraphiqlPage(address) : null,
    bodyLimits: { maxBytes: limits.bodyBytes, deadlineMs: limits.bodyMs },
  })
  const readiness = createReadinessDoor({
    checks: options.checks,
    deadlineMs: limits.checkMs,
    isDraining: options.isDraining,
    logger: options.logger,
  })
  return [
    { path: graphqlPath, door: graphql, purpose: operationPurpose },
    { path: artifactPath, door: createDownloadDoor({ artifacts, openContext }), purpose: () => 'download' },
    { path: oauthPath, door: createOAuthDoor({ openContext }) },
    { path: signOutPath, door: createSignOutDoor({ openContext }), purpose: () => 'operation' },
    { path: jwksPath, door: createJwksDoor(options) },
    { path: '/livez', door: livenessDoor },
    { path: '/readyz', door: readiness },
    { path: '/', door: createFrontDoor({ pages, fallback: options.graphiql ? graphqlPath : null, address }) },
    { path: '/assets/', door: createAssetDoor(pages) },
  ]
}
