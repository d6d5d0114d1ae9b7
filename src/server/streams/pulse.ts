/** Somebody who has to do something now and then although nothing happens. */
export interface PulseMember {
  /** Its turn has come, which it does once in each round. */
  beat(): void
  /** What it expected has not come in time. */
  late(): void
}

/** One timer for the regular doings and the deadlines of many; it runs while somebody is there. */
export interface Pulse {
  join(member: PulseMember): void
  /** Calls `late()` when so many ms have passed, at the earliest. A later call takes the place of this one. */
  expect(member: PulseMember, withinMs: number): void
  /** What was expected is there. */
  met(member: PulseMember): void
  /** Expects nothing any more, either. */
  leave(member: PulseMember): void
}

/** How exact deadlines are, in ms. */
const tickMs = 100

/** The turns are spread over the round, so that many who came at once do not all have theirs at once. */
export function createPulse(roundMs: number): Pulse {
  const places = Math.max(1, Math.floor(roundMs / tickMs))
  const ticksEvery = roundMs / places
  const members = new Map<PulseMember, Set<PulseMember>>()
  const turns = Array.from({ length: places }, () => new Set<PulseMember>())
  /** By the number of the tick at which it is over. */
  const deadlines = new Map<PulseMember, number>()
  let timer: NodeJS.Timeout | null = null
  let tick = 0
  let joined = 0

  function onTick(): void {
    tick += 1
    for (const member of turns[tick % places] ?? []) member.beat()
    for (const [member, at] of deadlines) {
      if (at <= tick && deadlines.delete(member)) member.late()
    }
  }

  return {
    join(member) {
      const turn = turns[joined % places]
      if (turn === undefined) throw new TypeError('A pulse has a turn for everybody.')
      joined += 1
      members.set(member, turn.add(member))
      timer ??= setInterval(onTick, ticksEvery)
    },
    expect(member, withinMs) {
      // Ticks are counted, not ms: what this process itself slept through is nobody's delay. The present one is under way.
      if (members.has(member)) deadlines.set(member, tick + Math.ceil(withinMs / ticksEvery) + 1)
    },
    met(member) {
      deadlines.delete(member)
    },
    leave(member) {
      deadlines.delete(member)
      members.get(member)?.delete(member)
      members.delete(member)
      if (members.size > 0 || timer === null) return
      clearInterval(timer)
      timer = null
      // Who comes first next time has its turn after a whole round, and not at any moment of it.
      tick = 0
      joined = 0
    },
  }
}
