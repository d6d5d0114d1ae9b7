import type { DeploymentName } from './deployments.ts'
import { memberNemeses } from './member-nemeses.ts'
import { processNemeses } from './process-nemeses.ts'
import { redisNemeses } from './redis-nemeses.ts'

/** The nemeses by name. Those that live in the tasks (threads that exit, spin, fill their heap) strike by themselves. */
export const nemeses = { ...processNemeses, ...memberNemeses, ...redisNemeses } as const

export type NemesisName = keyof typeof nemeses

/** How often each nemesis strikes in a round. */
type Weights = Readonly<Partial<Record<NemesisName, number>>>

/** Strikes at a cluster that need no Redis. Standing still takes long. */
const againstMembers: Weights = {
  killMember: 6,
  killAllMembers: 1,
  killPrimary: 2,
  killWhileStopping: 1,
  killWhileStarting: 1,
  terminate: 1,
  freezeMember: 2,
  freezeMemberTillKilled: 1,
  freezePrimary: 1,
  reload: 2,
  stopMember: 2,
  copyAsKilled: 1,
  copyAsCutOff: 1,
}

/** A round for each deployment. */
export const rounds: Readonly<Record<DeploymentName, Weights>> = {
  alone: {
    kill: 4,
    killWhileStopping: 2,
    killWhileStarting: 1,
    terminate: 1,
    freeze: 1,
    copyAsKilled: 2,
    copyAsCutOff: 2,
  },
  cluster: againstMembers,
  redis: {
    ...againstMembers,
    killMember: 4,
    killRedis: 3,
    flushRedis: 2,
    freezeRedis: 2,
    cutRedis: 3,
    delayRedis: 2,
  },
}

/** The names of a round, each as often as it strikes. */
export function namesOf(weights: Weights): readonly NemesisName[] {
  // The keys of the table.
  const entries = Object.entries(weights) as [NemesisName, number][]
  return entries.flatMap(([name, weight]) => Array.from({ length: weight }, () => name))
}
