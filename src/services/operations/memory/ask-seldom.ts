import type { MemoryPace } from './memory-pace.ts'

/** Asks for collections, but not so often that they cost more than they tell. */
export interface SeldomAsked {
  /** Asks unless one is under way, or it was asked too short a time ago; resolves when that is over. Never rejects. */
  ask(now: number): Promise<void>
}

/** `collect` resolves with the ms for which it stopped something. What it rejects with is told to `failed`. */
export function askSeldom(
  { askMs, mostMs, pauseShare }: Pick<MemoryPace, 'askMs' | 'mostMs' | 'pauseShare'>,
  collect: () => Promise<number>,
  failed: (error: unknown) => void,
): SeldomAsked {
  let asking: Promise<void> | null = null
  let notBefore = Number.NEGATIVE_INFINITY

  async function askNow(now: number): Promise<void> {
    notBefore = now + askMs
    try {
      const pauseMs = await collect()
      notBefore = now + Math.min(mostMs, Math.max(askMs, pauseMs / pauseShare))
    } catch (error) {
      failed(error)
    } finally {
      asking = null
    }
  }

  return {
    ask(now) {
      if (asking === null && now >= notBefore) asking = askNow(now)
      return asking ?? Promise.resolve()
    },
  }
}
