/** The first Ctrl-C aborts the signal; the second one ends the process as usual. */
export function onInterrupt(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const listener = () => controller.abort()
  process.once('SIGINT', listener)
  return { signal: controller.signal, stop: () => process.removeListener('SIGINT', listener) }
}
