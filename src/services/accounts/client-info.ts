/** Where a request came from: for limits, for the log, and for the owner's list of sessions. */
export interface ClientInfo {
  readonly ip: string | null
  readonly userAgent: string | null
  /** SHA-256 of the device cookie; `null` where the client has none. */
  readonly device: string | null
  readonly requestId: string | null
}
