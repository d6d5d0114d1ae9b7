import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  request as openRequest,
} from 'node:http'
import { connect } from 'node:net'

export interface TestRequest {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
}

export interface TestAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  json(): { readonly data?: unknown; readonly errors?: readonly TestError[] }
}

export interface TestError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: Readonly<Record<string, unknown>>
}

/** Sends a request with exactly these headers, as no browser or `fetch` would let one. */
export function send(
  port: number,
  { method = 'GET', path = '/graphql', headers = {}, body }: TestRequest,
): Promise<TestAnswer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const given = Object.fromEntries(
      Object.entries({ ...length, ...headers }).map(([name, value]) => [name, plain(value)]),
    )
    const request = openRequest({ port, host: '127.0.0.1', method, path, headers: given, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          json: () => JSON.parse(text),
        })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Begins a POST to `/graphql` whose body is still to be written. */
export function openPost(port: number, headers: OutgoingHttpHeaders): ClientRequest {
  return openRequest({ port, host: '127.0.0.1', method: 'POST', path: '/graphql', headers, agent: false })
}

/** The whole body of a response, once it has come; what goes wrong on the way is told to `reject`. */
export function bodyOf(request: ClientRequest): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      const read = async () => ({ status: response.statusCode ?? 0, body: (await response.toArray()).join('') })
      read().then(resolve, reject)
    })
  })
}

function plain(value: string | readonly string[]): string | string[] {
  return typeof value === 'string' ? value : [...value]
}

/** Posts an operation as JSON. */
export function post(port: number, operation: object, headers: TestRequest['headers'] = {}): Promise<TestAnswer> {
  return send(port, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(operation),
  })
}

/** Writes bytes to a connection and reads until the server closes it. */
export function exchangeRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

/** A multipart body by hand: parts in the given order, `filename` where there is one. */
export function multipart(parts: readonly MultipartPart[], boundary = 'boundary'): Buffer {
  const pieces = parts.flatMap(({ name, value, fileName, type }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"`}\r\n`,
    type === undefined ? '' : `Content-Type: ${type}\r\n`,
    '\r\n',
    value,
    '\r\n',
  ])
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece)))
}

export interface MultipartPart {
  readonly name: string
  readonly value: string | Uint8Array
  readonly fileName?: string
  readonly type?: string
}
