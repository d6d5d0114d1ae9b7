/** What the process around a server can do for it. */
export interface HostProcess {
  /**
   * Has the process leave in good order: in a cluster once its successor serves; alone it stops and exits with code 75, for its
   * service manager to start it again. `reason` is a sentence for people. What is asked a second time changes nothing.
   */
  leave(reason: string): void
  /**
   * Says that the event loop will stand still for about so many ms, so that nobody takes the process for dead; resolves when that is
   * known, or nobody answers. Call the result when it is over.
   */
  pause(ms: number): Promise<() => void>
}

/** A process that nobody watches, and that stays. */
export const idleHost: HostProcess = { leave: () => {}, pause: async () => () => {} }
