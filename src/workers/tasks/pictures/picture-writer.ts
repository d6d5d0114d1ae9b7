import type { TaskContext } from '../../../task.ts'
import { encodePng, type Picture } from './encode-png.ts'

export interface PictureWriter {
  /**
   * Begins to write the picture as a PNG file, once the one before is written: at most one is under way while the thread
   * computes on. `written` hears its id. Rejects with what went wrong with the one before.
   */
  begin(picture: Picture, fileName: string, written: (id: string) => Promise<void>): Promise<void>
  /** Resolves when the last picture is written. */
  settled(): Promise<void>
}

/** Writes pictures behind a computation, which must let the thread's event loop turn now and then. */
export function createPictureWriter(artifacts: TaskContext['artifacts']): PictureWriter {
  let pending: Promise<void> = Promise.resolve()

  async function write(picture: Picture, fileName: string, written: (id: string) => Promise<void>): Promise<void> {
    const data = await encodePng(picture)
    await written(await artifacts.write({ fileName, mediaType: 'image/png', data }))
  }

  return {
    async begin(picture, fileName, written) {
      await pending
      pending = write(picture, fileName, written)
      // Told where it is awaited, which may be long after.
      pending.catch(() => undefined)
    },
    settled: () => pending,
  }
}
