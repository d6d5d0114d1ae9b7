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

/** Listens and answers with the port that was bound. Throws a `ListenError`. */
export function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(explain(error, { host, port }))
    server.once('error', onError)
    server.listen({ host, port }, () => {
      server.off('error', onError)
      const bound = server.address()
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
    })
  })
}

/** Sees whether the address can be listened on, without doing so; answers with its port. Throws a `ListenError`. */
export async function findPort(address: ListenAddress): Promise<number> {
  const server = createServer()
  const port = await listen(server, address)
  server.close()
  await once(server, 'close')
  return port
}

function explain(error: NodeJS.ErrnoException, { host, port }: ListenAddress): ListenError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(
        'PORT_IN_USE',
        `Port ${port} on ${host} is in use by another program. Set PORT to another one, or to 0 for any free one.`,
        error,
      )
    case 'EACCES':
      return new ListenError(
        'PORT_FORBIDDEN',
        `This user may not listen on port ${port}. Set PORT to one above 1023.`,
        error,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ListenError(
        'HOST_NOT_AVAILABLE',
        `This machine has no address ${host}. Set HOST to one that it has.`,
        error,
      )
    default:
      return new ListenError('LISTEN_FAILED', `Listening on port ${port} of ${host} failed: ${error.message}.`, error)
  }
}
