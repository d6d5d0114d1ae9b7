/**
 * What somebody asks for, as far as load goes: the first is refused first. `work`: new jobs and uploads. `change`: other
 * mutations, and new streams and sockets. `read`: queries. What is none of them is not refused for load: cancels and ways out of users,
 * up to a rate, what administrators do, health checks, and streams that are open.
 */
export const workClasses = ['work', 'change', 'read'] as const

export type WorkClass = (typeof workClasses)[number]

/**
 * What can be over its limit. The loop is late only while it is busy nearly all the time. The age of the queue is no matter of pressure: it
 * refuses jobs by owner.
 */
export const loadSensors = ['loop delay', 'queue age', 'memory', 'store latency'] as const

export type LoadSensor = (typeof loadSensors)[number]

/** How a process sheds load at the moment. */
export interface SheddingStatus {
  /** Whether it may refuse anything (`LOAD_SHEDDING`). */
  readonly isOn: boolean
  /** 0: nothing is refused; up to 1/3 a growing part of `work`, up to 2/3 of `change` besides, up to 1 of `read`. */
  readonly pressure: number
  /** What is over its limit, each with what was measured and the limit, in the same unit. */
  readonly over: readonly { readonly sensor: LoadSensor; readonly value: number; readonly limit: number }[]
  /** How much was refused since the process began. */
  readonly refused: Readonly<Record<WorkClass, number>>
}

/** Which part of a class is refused at a pressure, 0 to 1. */
export function refusedShare(workClass: WorkClass, pressure: number): number {
  const share = pressure * workClasses.length - workClasses.indexOf(workClass)
  return Math.min(1, Math.max(0, share))
}

/** Up to which pressure only these classes, from the first one on, are refused. */
export function pressureOf(...classes: readonly WorkClass[]): number {
  return classes.length / workClasses.length
}
