import { randomBytes } from 'node:crypto'
import type { ClientRequest } from 'node:http'
import type { SignedInUser } from '../signed-in.ts'
import { bodyOf, multipart, openPost } from './requests.ts'

export interface HeldUpload {
  readonly request: ClientRequest
  /** `ok`, the code of the refusal, or `cut`. */
  readonly outcome: Promise<string>
  /** Sends what is missing. */
  finish(): void
}

export interface HoldOptions {
  /** How many bytes the file has. */
  readonly size: number
  /** Whether the upload does not say how long it is. */
  readonly isChunked?: boolean
}

/** Sends an upload but for its last bytes. */
export function holdUpload(
  port: number,
  user: Pick<SignedInUser, 'headers'>,
  { size, isChunked = false }: HoldOptions,
): HeldUpload {
  const query = 'mutation ($f: Upload!) { uploadArtifact(file: $f) { id } }'
  const body = multipart([
    { name: 'operations', value: JSON.stringify({ query, variables: { f: null } }) },
    { name: 'map', value: '{"0":["variables.f"]}' },
    { name: '0', value: randomBytes(size), fileName: 'a.csv', type: 'text/csv' },
  ])
  const length = isChunked ? {} : { 'content-length': body.length }
  const type = { 'content-type': 'multipart/form-data; boundary=boundary' }
  const request = openPost(port, { ...user.headers, ...type, ...length })
  const outcome = bodyOf(request).then(
    (answer) => /"code":"(\w+)"/.exec(answer.body)?.[1] ?? (answer.body.includes('"id"') ? 'ok' : answer.body),
    () => 'cut',
  )
  request.write(body.subarray(0, -20))
  return { request, outcome, finish: () => void request.end(body.subarray(-20)) }
}
