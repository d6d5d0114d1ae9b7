import type { Bench, Check } from '../bench.ts'
import { type Transport, transports } from '../target.ts'

type Common = Pick<Check, 'id' | 'rule' | 'level' | 'says' | 'alone' | 'slow'> & {
  run(bench: Bench, transport: Transport): Promise<void>
}

/** The same check over each of the three transports, or over some. */
export function eachTransport(check: Common, over: readonly Transport[] = transports): readonly Check[] {
  return over.map((transport) => ({
    ...check,
    id: `${check.id}@${transport}`,
    parts: [transport],
    run: (bench) => check.run(bench, transport),
  }))
}
