import { printFigure } from '../../jobs/print-figure.ts'
import { median } from '../../paired-rounds.ts'
import { openBenchWith } from '../bench.ts'
import type { FanoutOptions } from '../options.ts'
import { defaultSize } from '../system.ts'

const ms = 400

/** What an event costs before anybody hears it: the checks, the record, the execution, and one delivery. */
export async function benchPublish({ rounds }: FanoutOptions, stopped: AbortSignal): Promise<boolean> {
  console.log('An event of Millrace to one client: what is spread over all deliveries of it')
  await using bench = await openBenchWith('Millrace to one', 1, stopped)
  for (const burst of [1, 4]) {
    const costs: number[] = []
    for (let round = -1; round < rounds && !stopped.aborted; round += 1) {
      const { cpuUs, events } = await bench.load.ask({ kind: 'measure', burst, size: defaultSize, ms })
      if (round >= 0) costs.push(cpuUs / events)
    }
    printFigure(burst === 1 ? 'one event at a time' : `bursts of ${burst} events`, median(costs), 'µs')
  }
  return !stopped.aborted
}
