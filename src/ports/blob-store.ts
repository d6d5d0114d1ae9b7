import type { Readable } from 'node:stream'

/** Bytes that were received but are nobody's yet. Dispose of it, and what was not kept is gone. */
export interface PendingBlob extends AsyncDisposable {
  /** SHA-256 of the content, in hex. */
  readonly hash: string
  /** Bytes. */
  readonly size: number
  /** Gives the bytes their lasting place under their hash. Can be done twice. */
  keep(): Promise<void>
}

/**
 * The bytes of artifacts, named by their SHA-256 (hex).
 *
 * Guaranteed: content is streamed, never held whole in memory; a blob is whole or not there at all; keeping the same
 * content twice, also at the same time, is harmless.
 */
export interface BlobStore {
  /**
   * Receives a stream. Throws a `Refusal` with `PAYLOAD_TOO_LARGE` past `maxBytes`, having stopped reading, and leaves
   * nothing behind when the source fails. `admit` is told the size of each chunk before it is written; what it throws ends
   * the reception in the same way.
   */
  receive(source: Readable, maxBytes: number, admit?: (bytes: number) => void): Promise<PendingBlob>
  /** Receives a file of this machine as `receive` does a stream; throws for a link. The file is left as it is. */
  receiveFile(path: string, maxBytes: number, admit?: (bytes: number) => void): Promise<PendingBlob>
  /** The bytes from `start` to `end`, both included; all of them by default. Throws when there is no such blob. */
  read(hash: string, range?: { readonly start: number; readonly end: number }): Promise<Readable>
  /** A path on this machine where the blob can be read by a thread. */
  localPath(hash: string): Promise<string>
  /**
   * Removes a blob; there need be none. Who is reading it reads on. Callers must know that nobody names it, and that nobody
   * keeps the same content meanwhile: else they take away what somebody was just promised.
   */
  remove(hash: string): Promise<void>
  /** The hashes of all blobs, in no order, as they are found; one that is kept or removed meanwhile may be among them or not. */
  list(): AsyncIterable<string>
}
