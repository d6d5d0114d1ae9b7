import type { Bench, Check } from '../bench.ts'
import { type Transport, transports } from '../target.ts'
import { mustEqual } from '../violation.ts'
import { nextEventOf, nextOf, openWatch, takeNumbers, upTo } from '../watch.ts'

const pairs = transports.flatMap((from) => transports.filter((to) => to !== from).map((to) => [from, to] as const))

/** Closes one before the other is opened: what happens in between is replayed. */
async function switchesAfterClosing(bench: Bench, from: Transport, to: Transport): Promise<void> {
  const log = bench.openLog()
  const first = await openWatch(bench, from, log.operation)
  await nextOf(first)
  await log.triggerMany(2)
  const seen: number[] = []
  let cursor: string | null = null
  for (let count = 0; count < 2; count += 1) {
    const event = await nextEventOf(first, log)
    seen.push(event.number)
    cursor = event.cursor
  }
  first.close()
  await log.triggerMany(3)
  const second = await openWatch(bench, to, log.operation, { after: cursor, onGap: 'error' })
  seen.push(...(await takeNumbers(second, log, 3)))
  await log.triggerMany(2)
  seen.push(...(await takeNumbers(second, log, 2)))
  mustEqual(seen, upTo(7), `the events over ${from}, then ${to}`)
}

/** Opens the other at the last cursor before it closes the first: both name what comes twice alike. */
async function switchesBeforeClosing(bench: Bench, from: Transport, to: Transport): Promise<void> {
  const log = bench.openLog()
  const first = await openWatch(bench, from, log.operation)
  const { cursor } = await nextOf(first)
  await log.triggerMany(2)
  const second = await openWatch(bench, to, log.operation, { after: cursor, onGap: 'error' })
  await log.triggerMany(2)
  const names: (readonly [number, string | null])[][] = []
  for (const watch of [first, second]) {
    const seen: (readonly [number, string | null])[] = []
    for (let count = 0; count < 4; count += 1) {
      const event = await nextEventOf(watch, log)
      seen.push([event.number, event.cursor])
    }
    names.push(seen)
  }
  mustEqual(
    names[0]?.map(([number]) => number),
    upTo(4),
    `the events over ${from}`,
  )
  mustEqual(names[1], names[0], `the events over ${to} with their cursors`)
}

export const switchingChecks: readonly Check[] = pairs.flatMap(([from, to]): readonly Check[] => [
  {
    id: `switch.closed@${from}-${to}`,
    rule: 'T1',
    level: 'MUST',
    says: `from ${from} to ${to} each event comes once and in order`,
    parts: [from, to],
    run: (bench) => switchesAfterClosing(bench, from, to),
  },
  {
    id: `switch.open@${from}-${to}`,
    rule: 'T2',
    level: 'MUST',
    says: `${from} and ${to} name the same events alike`,
    parts: [from, to],
    run: (bench) => switchesBeforeClosing(bench, from, to),
  },
])
