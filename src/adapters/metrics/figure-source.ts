import type { Readings } from '../../core/metrics.ts'
import { onceForAll } from '../../core/once-for-all.ts'
import { within } from '../../core/within.ts'

export interface FigureSource {
  /** What it reads; empty when it fails or is not done by then (ms), which `onFailure` hears of. Never rejects. */
  read(deadlineMs: number): Promise<Readings>
}

/** Reads once at a time: who asks while the last reading still hangs waits for that. */
export function createFigureSource(
  read: () => Readings | Promise<Readings>,
  onFailure: (reason: string) => void,
): FigureSource {
  const readOnce = onceForAll(async () => {
    try {
      return await read()
    } catch (error) {
      onFailure(String(error))
      return {}
    }
  })

  return {
    async read(deadlineMs) {
      const readings = await within(deadlineMs, readOnce(), null)
      if (readings === null) onFailure(`It was not read within ${deadlineMs} ms.`)
      return readings ?? {}
    },
  }
}
