import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Connection } from './connection.ts'
import { fetchOrFail, readData } from './post.ts'
import { CliFailure } from './failure.ts'
import { newSecret } from '../core/secrets.ts'

const operations = JSON.stringify({
  query: 'mutation Upload($file: Upload!) { uploadArtifact(file: $file) { id } }',
  variables: { file: null },
})

/** Streams a file to the server (GraphQL multipart request) and gives the artifact's id. `onBytes` hears how many went out. */
export async function uploadFile(
  connection: Connection,
  path: string,
  onBytes: (sent: number, size: number) => void,
): Promise<string> {
  await using file = await openFile(path)
  const { size } = await file.stat()
  const boundary = `millrace-${newSecret(12)}`
  const name = basename(path).replaceAll(/["\\\r\n]/g, '_')
  const head = [
    part(boundary, 'name="operations"', operations),
    part(boundary, 'name="map"', '{"0":["variables.file"]}'),
    `--${boundary}\r\ncontent-disposition: form-data; name="0"; filename="${name}"\r\ncontent-type: ${mediaType(name)}\r\n\r\n`,
  ].join('')

  async function* body() {
    yield Buffer.from(head)
    let sent = 0
    const chunks: AsyncIterable<Buffer> = file.createReadStream({ highWaterMark: 256 * 1024, autoClose: false })
    for await (const chunk of chunks) {
      sent += chunk.length
      onBytes(sent, size)
      yield chunk
    }
    yield Buffer.from(`\r\n--${boundary}--\r\n`)
  }

  const request = {
    method: 'POST',
    headers: { ...(await connection.headers()), 'content-type': `multipart/form-data; boundary=${boundary}` },
    // Node's fetch takes an async iterable as it is; the DOM's types do not know it.
    body: body() as unknown as BodyInit,
    duplex: 'half',
  }
  const response = await fetchOrFail(connection.graphqlUrl, request)
  const data = await readData<{ uploadArtifact: { id: string } }>(response)
  return data.uploadArtifact.id
}

async function openFile(path: string): Promise<FileHandle> {
  let file: FileHandle | null = null
  try {
    file = await open(path)
    if ((await file.stat()).isFile()) return file
  } catch (error) {
    throw new CliFailure(
      `The file ${path} cannot be read (${error instanceof Error ? error.message : String(error)}).`,
      {
        exitCode: 2,
      },
    )
  }
  await file.close()
  throw new CliFailure(`${path} is no file.`, { exitCode: 2 })
}

function part(boundary: string, disposition: string, content: string): string {
  return `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`
}

const mediaTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  txt: 'text/plain',
}

function mediaType(fileName: string): string {
  return mediaTypes[fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream'
}
