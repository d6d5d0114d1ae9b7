import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { NotFoundError, Refusal } from '../../core/errors.ts'
import type { DoorShedding } from '../gate/shedding-door.ts'
import type { MaskError } from '../graphql/mask-error.ts'
import type { UpgradeDoor } from '../streams/handlers.ts'
import { graphqlAnswer } from '../graphql/graphql-answer.ts'
import type { HttpFigures } from './http-figures.ts'
import { writeRawAnswer } from './raw-answer.ts'
import type { FactsReader } from './request-facts.ts'
import { readTarget } from './target.ts'

export interface UpgradeRouteOptions {
  readonly path: string
  readonly webSocket: UpgradeDoor
  readonly readFacts: FactsReader
  readonly isDraining: () => boolean
  readonly shedding: Pick<DoorShedding, 'admit'>
  readonly maskError: MaskError
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>
  readonly figures: Pick<HttpFigures, 'answeredRaw'>
}

/** Whether a request asks for a WebSocket; offers of other protocols (`h2c`, which curl makes) are passed over. */
export function asksForWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.trim().toLowerCase() === 'websocket'
}

/** Hands upgrades on the path to the WebSocket door; others are refused in the form of every refusal. */
export function acceptUpgrades(server: Server, options: UpgradeRouteOptions): void {
  server.on('upgrade', (request, socket, head) => {
    const handOver = async () => {
      checkUpgrade(request, options)
      await options.webSocket.upgrade(request, socket, head)
      options.figures.answeredRaw(options.path, 101)
    }
    handOver().catch((error: unknown) => refuse(socket, error, options.readFacts.requestId(request), options))
  })
}

function checkUpgrade(request: IncomingMessage, { path, readFacts, isDraining, shedding }: UpgradeRouteOptions): void {
  if (readTarget(request).path !== path || !asksForWebSocket(request)) throw new NotFoundError('WebSocket')
  if (isDraining())
    throw new Refusal('OVERLOADED', 'The server is going down: connect again.', { retryAfterSeconds: 1 })
  shedding.admit('change')
  readFacts.read(request, null)
}

function refuse(socket: Duplex, error: unknown, requestId: string, options: UpgradeRouteOptions): void {
  const { maskError, headers, figures, path } = options
  const answer = graphqlAnswer({ errors: [maskError(error, requestId)] }, 'application/json')
  figures.answeredRaw(answer.status === 404 ? null : path, answer.status)
  writeRawAnswer(socket, { ...answer, headers: { ...headers, ...answer.headers, 'x-request-id': requestId } })
}
