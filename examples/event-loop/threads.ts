// The same computation on the event loop and in a thread: what a heartbeat, a stream or a request sees of it.
//   node examples/event-loop/threads.ts
import { once } from 'node:events'
import { isMainThread, Worker } from 'node:worker_threads'

function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
}

/** How often a timer of 5 ms comes through while somebody computes. */
async function ticksDuring(work: () => Promise<void>): Promise<number> {
  let ticks = 0
  const timer = setInterval(() => (ticks += 1), 5)
  await work()
  clearInterval(timer)
  return ticks
}

if (isMainThread) {
  const onTheLoop = await ticksDuring(async () => void fibonacci(36))
  const inAThread = await ticksDuring(async () => void (await once(new Worker(new URL(import.meta.url)), 'exit')))
  console.log(`on the event loop: ${onTheLoop} ticks came through`)
  console.log(`in a thread: ${inAThread > 0 ? 'ticks' : 'no ticks'} came through`)
} else {
  fibonacci(36)
}
