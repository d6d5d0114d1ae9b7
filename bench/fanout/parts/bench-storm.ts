import { printFigure } from '../../jobs/print-figure.ts'
import { openBenchWith, tell } from '../bench.ts'
import type { FanoutOptions } from '../options.ts'

/** Before and after the clients leave. */
const events = 20

/** How long it takes until all clients are back and have what they missed; says whether the targets were met. */
export async function benchStorm({ clients }: FanoutOptions, stopped: AbortSignal): Promise<boolean> {
  const number = Math.max(...clients)
  console.log(
    `${number} clients lose their connections, ${events} events happen, all come back at once with their cursors`,
  )
  const met: boolean[] = []
  for (const name of ['Millrace ws', 'Millrace SSE'] as const) {
    if (stopped.aborted) return false
    tell(`${number} clients of ${name} connect`)
    await using bench = await openBenchWith(name, number, stopped)
    const { ms, replayed, executions, cpuUs } = await bench.load.ask({ kind: 'storm', events })
    printFigure(`${name}, events that were heard again`, replayed, '')
    printFigure(`${name}, CPU of the server for each client`, cpuUs / number, 'µs')
    met.push(printFigure(`${name}, until all have all`, ms / 1000, 's', { most: 5 }))
    met.push(printFigure(`${name}, the most executions of one event`, executions, '', { most: 1 }))
  }
  return met.every(Boolean)
}
