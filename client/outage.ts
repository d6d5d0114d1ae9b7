/** For how long there has been no connection since the last frame. */
export interface Outage {
  /** In ms. */
  readonly ms: number
  /** A connection was taken up. */
  up(): void
  /** It was lost. */
  down(): void
  /** A frame has come. */
  reset(): void
}

/** Begins without a connection. */
export function createOutage(): Outage {
  let before = 0
  let since: number | null = Date.now()

  const total = () => before + (since === null ? 0 : Date.now() - since)
  return {
    get ms() {
      return total()
    },
    up() {
      before = total()
      since = null
    },
    down() {
      since ??= Date.now()
    },
    reset() {
      before = 0
      since = null
    },
  }
}
