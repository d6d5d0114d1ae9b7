import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until the condition holds. Throws, naming it, when it does not within so many ms. */
export async function eventually(condition: () => boolean | Promise<boolean>, withinMs = 5000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`After ${withinMs} ms this does not hold: ${condition.toString()}`)
    await sleep(5)
  }
}
