import type { FanoutSystem } from './system.ts'
import { openGraphqlSse } from './systems/graphql-sse.ts'
import { openGraphqlWs } from './systems/graphql-ws.ts'
import { openMercurius } from './systems/mercurius.ts'
import { openMillrace } from './systems/millrace.ts'
import { openNodeHttp } from './systems/node-http.ts'
import { openRawSse } from './systems/raw-sse.ts'
import { openRawWs } from './systems/raw-ws.ts'
import { openSocketIo } from './systems/socket-io.ts'
import { openYogaSse } from './systems/yoga-sse.ts'

/** All that is measured, by name. Each may keep what it has in the folder. */
export const variants = {
  'raw ws': openRawWs,
  'Millrace ws': (folder) => openMillrace('ws', folder),
  /** For what an event costs before it is fanned out. */
  'Millrace to one': (folder) => openMillrace('ws', folder),
  'graphql-ws': openGraphqlWs,
  Mercurius: openMercurius,
  'Socket.IO': openSocketIo,
  'raw SSE': openRawSse,
  'Millrace SSE': (folder) => openMillrace('sse', folder),
  'graphql-sse': openGraphqlSse,
  'yoga SSE': openYogaSse,
  'node:http': openNodeHttp,
  'Millrace poll': (folder) => openMillrace('poll', folder),
} as const satisfies Record<string, (folder: string) => Promise<FanoutSystem>>

export type VariantName = keyof typeof variants
