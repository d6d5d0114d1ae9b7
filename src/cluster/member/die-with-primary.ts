/** The IPC channel of this process, and how it is told of its end. */
export interface MemberChannel {
  prependOnceListener(event: 'disconnect', listener: () => void): unknown
  off(event: 'disconnect', listener: () => void): unknown
}

/**
 * Ends this process at once when its line to the primary is cut: the primary is dead, and nobody speaks for this process. By a
 * signal, since `process.exit`, which `node:cluster` calls then, waits for threads that are in native code: 20 s were seen while
 * a thread hashed. What is lost with it is what any crash may lose.
 */
export function dieWithPrimary(channel: MemberChannel, die: () => void): () => void {
  channel.prependOnceListener('disconnect', die)
  return () => void channel.off('disconnect', die)
}
