/** What can stand still while it is not known whether it may go on. The functions return at once and never throw. */
export interface Holdable {
  /** Sends nothing from now on. Can be called twice. */
  hold(): void
  /** Goes on where it stopped. */
  release(): void
}
