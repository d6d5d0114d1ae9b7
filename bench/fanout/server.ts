import { setTimeout as sleep } from 'node:timers/promises'
import { openControl } from './control.ts'
import type { ServerFacts, ServerMemory, ServerOrder } from './messages.ts'
import { type VariantName, variants } from './variants.ts'

/** A system in a process of its own. It ends with the one that started it. */

const [, , name, folder] = process.argv as [string, string, VariantName, string] // as `openServerProcess` gives them
await using system = await variants[name](folder)
const facts: ServerFacts = {
  port: system.port,
  controlPort: await openControl(system),
  greeting: system.greeting,
}
process.on('message', (order: ServerOrder) => void measureMemory(order).then((value) => process.send?.(value)))
// An interrupt of the terminal comes here, too: who started it ends it.
process.on('SIGINT', () => undefined)
const ended = new Promise((resolve) => process.once('disconnect', resolve))
process.send?.(facts)
await ended
setTimeout(() => process.exit(), 2000).unref()

async function measureMemory(order: ServerOrder): Promise<ServerMemory> {
  if (order === 'memory after gc') {
    for (let time = 0; time < 4; time += 1) {
      globalThis.gc?.()
      await sleep(100)
    }
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heapUsed, external }
}
