import { lookup } from 'node:dns'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { CustomFetch } from 'openid-client'
import { isPublicAddress } from './public-address.ts'

export interface GuardedFetchOptions {
  /** Whether addresses of this machine and its networks may be reached. */
  readonly allowPrivate: boolean
  /** Bytes of an answer's body. */
  readonly maxBytes: number
}

/** Why a request was not made, or its answer not read to the end. */
class GuardedFetchError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'GuardedFetchError'
  }
}

/**
 * Requests to addresses that a provider's metadata name (OWASP SSRF Prevention Cheat Sheet): no redirect is followed, the
 * body is bounded, and the very address that is connected to was looked at, so that a name cannot mean another one the
 * second time. The deadline is the caller's `signal`, which covers the body, too.
 */
export function guardedFetch({ allowPrivate, maxBytes }: GuardedFetchOptions): CustomFetch {
  return (address, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const url = new URL(address)
      const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
      // An address that is written out is connected to without a look-up.
      if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) return reject(privateAddress(host))
      const open = url.protocol === 'https:' ? requestHttps : requestHttp
      const request = open(url, {
        method,
        headers,
        agent: false,
        ...(allowPrivate ? {} : { lookup: publicLookup }),
        ...(signal === undefined ? {} : { signal }),
      })
      request.once('error', reject)
      request.once('response', (response) => void collect(response, maxBytes).then(resolve, reject))
      request.end(textOf(body))
    })
}

/** As `dns.lookup`, but a name that stands for any address that is not public stands for none. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, [])
    const [first] = addresses
    if (first === undefined || addresses.some(({ address }) => !isPublicAddress(address))) {
      return callback(privateAddress(hostname), [])
    }
    if (options.all === true) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

function privateAddress(host: string): Error {
  return new GuardedFetchError(
    `${host} is an address of this machine or its network; OAUTH_ALLOW_PRIVATE allows those.`,
  )
}

/** Forms are all that is sent. */
function textOf(body: unknown): string | undefined {
  if (body === undefined || body === null || typeof body === 'string') return body ?? undefined
  if (body instanceof URLSearchParams) return body.toString()
  throw new TypeError('Only forms and texts are sent to a provider.')
}

const statusesWithoutBody = [204, 205, 304]

async function collect(response: IncomingMessage, maxBytes: number): Promise<Response> {
  const chunks: Buffer[] = []
  let size = 0
  // Without an encoding set, what is read are buffers.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) {
      response.destroy()
      throw new GuardedFetchError(`The answer has over ${maxBytes} bytes.`)
    }
    chunks.push(chunk)
  }
  const status = response.statusCode ?? 0
  const headers = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  return new Response(statusesWithoutBody.includes(status) ? null : Buffer.concat(chunks), { status, headers })
}
