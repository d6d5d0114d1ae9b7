import type { StreamLimits } from '../../src/server/streams/stream-limits.ts'

/** Limits that let everything in. */
export const noStreamLimits: StreamLimits = {
  admit: async () => ({ replayed: () => undefined, leave: () => undefined }),
  admitSocket: async () => () => undefined,
}
