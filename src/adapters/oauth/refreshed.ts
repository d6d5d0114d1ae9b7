import type { Clock } from '../../core/clock.ts'

/** Makes something once and again when it is older than `lifeMs`. Who asks meanwhile gets the same; a failure is not kept. */
export function refreshed<T>(make: () => Promise<T>, lifeMs: number, clock: Clock): () => Promise<T> {
  let latest: { readonly value: Promise<T>; readonly madeAt: number } | null = null

  return () => {
    const now = clock.now()
    if (latest !== null && now - latest.madeAt < lifeMs) return latest.value
    const current = { value: make(), madeAt: now }
    latest = current
    current.value.catch(() => {
      if (latest === current) latest = null
    })
    return current.value
  }
}
