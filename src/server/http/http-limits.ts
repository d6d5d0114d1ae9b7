/** Bounds of what a connection may take, in bytes and ms. */
export interface HttpLimits {
  readonly headerBytes: number
  readonly headersMs: number
  /** The body of a JSON request. */
  readonly bodyBytes: number
  readonly bodyMs: number
  /** `operations` and `map` of a multipart request, each. */
  readonly uploadFieldBytes: number
  readonly uploadFiles: number
  readonly uploadIdleMs: number
  /** An upload that takes longer than `uploadPaceMs` must go on with at least `uploadPaceBytes` in each such time. */
  readonly uploadPaceMs: number
  readonly uploadPaceBytes: number
  /** How long a client may go on sending after it has been answered. */
  readonly drainIdleMs: number
  readonly drainTotalMs: number
}

export const httpLimits: HttpLimits = {
  headerBytes: 16 * 1024,
  headersMs: 15_000,
  bodyBytes: 256 * 1024,
  bodyMs: 15_000,
  uploadFieldBytes: 100_000,
  uploadFiles: 4,
  uploadIdleMs: 60_000,
  uploadPaceMs: 3_600_000,
  uploadPaceBytes: 256 * 2 ** 20,
  drainIdleMs: 5_000,
  drainTotalMs: 30_000,
}
