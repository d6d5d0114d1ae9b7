/** Whether the primary is heard, as a member sees it. */
export interface LineState {
  readonly isLive: boolean
  /** Hears each change. Call the result to stop. */
  onChange(listener: (isLive: boolean) => void): () => void
}
