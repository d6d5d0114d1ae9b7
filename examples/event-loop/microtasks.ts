// A long chain of promises lets nobody else in, however often it awaits; setImmediate does.
//   node examples/event-loop/microtasks.ts
import { setImmediate as nextTurn } from 'node:timers/promises'

const steps = 200
const stepMs = 1

/** Work for one step. */
function compute(): void {
  const until = performance.now() + stepMs
  while (performance.now() < until);
}

/** How often a timer of 1 ms comes through while the work is done. */
async function ticksDuring(pause: () => Promise<unknown>): Promise<number> {
  let ticks = 0
  const timer = setInterval(() => (ticks += 1), 1)
  for (let step = 0; step < steps; step += 1) {
    compute()
    await pause()
  }
  clearInterval(timer)
  return ticks
}

const awaited = await ticksDuring(() => Promise.resolve())
const inTurns = await ticksDuring(() => nextTurn())
console.log(`${steps} steps of ${stepMs} ms, an awaited promise after each: ${awaited} ticks of a timer came through`)
console.log(
  `${steps} steps of ${stepMs} ms, a turn of the loop after each: ${inTurns > 0 ? 'ticks' : 'no ticks'} came through`,
)
