import type { Readings } from '../../core/metrics.ts'

export interface FigureSource {
  /** What it reads; empty when it fails or is not done by then (ms), which `onFailure` hears of. Never rejects. */
  read(deadlineMs: number): Promise<Readings>
}

/** Reads once at a time: who asks while the last reading still hangs waits for that. */
export function createFigureSource(
  read: () => Readings | Promise<Readings>,
  onFailure: (reason: string) => void,
): FigureSource {
  let reading: Promise<Readings> | null = null

  async function begin(): Promise<Readings> {
    try {
      return await read()
    } catch (error) {
      onFailure(String(error))
      return {}
    } finally {
      reading = null
    }
  }

  return {
    async read(deadlineMs) {
      reading ??= begin()
      const { promise: late, resolve } = Promise.withResolvers<null>()
      const timer = setTimeout(resolve, deadlineMs, null)
      const readings = await Promise.race([reading, late])
      clearTimeout(timer)
      if (readings === null) onFailure(`It was not read within ${deadlineMs} ms.`)
      return readings ?? {}
    },
  }
}
