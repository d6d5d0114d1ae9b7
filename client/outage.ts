/** For how long there has been no connection. */
export interface Outage {
  /** In ms; 0 while there is one. */
  readonly ms: number
  /** A connection was taken up, which proves that the server lives. */
  up(): void
  /** It was lost, or another could not be had. */
  down(): void
}

/** Begins without a connection. */
export function createOutage(): Outage {
  let since: number | null = Date.now()
  return {
    get ms() {
      return since === null ? 0 : Date.now() - since
    },
    up() {
      since = null
    },
    down() {
      since ??= Date.now()
    },
  }
}
