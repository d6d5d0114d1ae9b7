/** Does something once for all who ask while it is under way; who asks later has it done again. */
export function onceForAll<T>(work: () => Promise<T>): () => Promise<T> {
  let doing: Promise<T> | null = null
  return () =>
    (doing ??= work().finally(() => {
      doing = null
    }))
}
