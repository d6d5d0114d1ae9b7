/** A file that somebody uploaded, or that a job made. Its bytes are the blob with that hash. */
export interface Artifact {
  readonly id: string
  readonly ownerId: string
  /** SHA-256 of the content, in hex: the name of the blob. */
  readonly hash: string
  /** Bytes. */
  readonly size: number
  readonly fileName: string
  readonly mediaType: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/** Which artifacts there are. Several may share a blob. */
export interface ArtifactIndex {
  insert(artifact: Artifact): Promise<void>
  find(id: string): Promise<Artifact | null>
  /** The sum of the sizes of the owner's artifacts, in bytes. */
  bytesOf(ownerId: string): Promise<number>
  /** Those of the hashes, at most some hundred, that no artifact has. */
  unowned(hashes: readonly string[]): Promise<readonly string[]>
}
