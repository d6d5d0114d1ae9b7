import { newSecret } from '../../core/secrets.ts'

/** How many are drawn at a time. */
const portion = 256
/** 72 random bits: twelve characters of the cursor's forty. */
const bytes = 9
const characters = 12

/** What makes epochs. Random bytes are drawn for many at a time: for one it takes as long (15 µs, three times a job). */
export function createEpochs(): () => string {
  let drawn = ''
  let next = 0
  return () => {
    if (next === drawn.length) {
      drawn = newSecret(portion * bytes)
      next = 0
    }
    next += characters
    return drawn.slice(next - characters, next)
  }
}
