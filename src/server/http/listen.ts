import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

export type ListenErrorCode = 'PORT_IN_USE' | 'PORT_FORBIDDEN' | 'HOST_NOT_AVAILABLE' | 'LISTEN_FAILED'

/** The address cannot be listened on: a start-up error with what to do about it. */
export class ListenError extends Error {
  readonly code: ListenErrorCode

  constructor(code: ListenErrorCode, message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'ListenError'
    this.code = code
  }
}

export interface ListenAddress {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
}

/** The settings that an address comes from. */
export interface AddressSettings {
  readonly port: string
  readonly host: string
}

const mainSettings: AddressSettings = { port: 'PORT', host: 'HOST' }
export const opsSettings: AddressSettings = { port: 'OPS_PORT', host: 'OPS_HOST' }

/** Listens and answers with the port that was bound. Throws a `ListenError` that names the settings. */
export function listen(server: Server, { host, port }: ListenAddress, settings = mainSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(explain(error, { host, port }, settings))
    server.once('error', onError)
    server.listen({ host, port }, () => {
      server.off('error', onError)
      const bound = server.address()
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
    })
  })
}

export interface FoundPorts {
  readonly port: number
  /** `null` where there is to be no such port. */
  readonly opsPort: number | null
}

/** Sees whether the addresses can be listened on, without doing so; answers with their ports. Throws a `ListenError`. */
export async function findPorts(address: ListenAddress, opsAddress: ListenAddress | null): Promise<FoundPorts> {
  await using held = new AsyncDisposableStack()
  const find = async (at: ListenAddress, settings: AddressSettings): Promise<number> => {
    const server = createServer()
    const port = await listen(server, at, settings)
    held.defer(async () => {
      server.close()
      await once(server, 'close')
    })
    return port
  }
  // The first is held while the second is looked for, so that they are not one.
  const port = await find(address, mainSettings)
  return { port, opsPort: opsAddress === null ? null : await find(opsAddress, opsSettings) }
}

function explain(error: NodeJS.ErrnoException, { host, port }: ListenAddress, settings: AddressSettings): ListenError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(
        'PORT_IN_USE',
        `Port ${port} on ${host} is in use by another program. Set ${settings.port} to another one, or to 0 for any free one.`,
        error,
      )
    case 'EACCES':
      return new ListenError(
        'PORT_FORBIDDEN',
        `This user may not listen on port ${port}. Set ${settings.port} to one above 1023.`,
        error,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ListenError(
        'HOST_NOT_AVAILABLE',
        `This machine has no address ${host}. Set ${settings.host} to one that it has.`,
        error,
      )
    default:
      return new ListenError('LISTEN_FAILED', `Listening on port ${port} of ${host} failed: ${error.message}.`, error)
  }
}
