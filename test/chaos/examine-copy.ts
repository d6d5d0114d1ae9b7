import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChaosMill, dataOf, openChaosMill, runsOf } from './chaos-mill.ts'
import type { CheckName, Violation } from './check-history.ts'
import { comeToRest, judge } from './come-to-rest.ts'
import { copyAsCrashed, type CopyKind, databaseName, tearWal } from './crash-copy.ts'
import { alone } from './deployments.ts'
import { createHistory, type History, type Observation } from './history.ts'
import type { Random } from './random.ts'

/** A power cut takes acknowledged commits along (`synchronous=NORMAL`), so tasks may run once more than is known of. */
const butAfterPowerCut: readonly CheckName[] = ['runsAreClaimed']
/** What holds only at rest. */
const butUnderWay: readonly CheckName[] = [...butAfterPowerCut, 'nothingIsLeft', 'noLitter']
/** In how many places the WAL of a copy is torn. Only the last is worked on with. */
const tears = 12

/** The folder of a mill as it was at one moment. */
export interface TakenCopy {
  readonly folder: string
  readonly kind: CopyKind
  /** What had been seen by then. */
  readonly seen: readonly Observation[]
  /** See `tearWal`. */
  readonly sharedMemory: Buffer
}

/** Copies the folder of a running mill, into itself under that name, as a crash would leave it. */
export async function takeCopy(mill: ChaosMill, history: History, kind: CopyKind, name: string): Promise<TakenCopy> {
  const folder = join(mill.folder, name)
  let seen: readonly Observation[] = []
  const { sharedMemory } = await copyAsCrashed(mill, folder, () => {
    seen = [...history.observations]
  })
  return { folder, kind, seen, sharedMemory }
}

/**
 * Starts a server, in one process, on the copy, lets it come to rest and judges it by all that had been seen; one of a power cut, whose WAL is
 * torn first, by itself alone. Gives the contradictions; without any the copy goes.
 */
export async function examineCopy(
  servers: AsyncDisposableStack,
  copy: TakenCopy,
  random: Random,
): Promise<readonly Violation[]> {
  const { folder, kind, seen, sharedMemory } = copy
  const violations: Violation[] = []
  if (kind === 'asCutOff') {
    violations.push(...(await examineTears(folder, sharedMemory, random)))
    await tearWal(folder, sharedMemory, random)
  }
  const own = createHistory()
  const mill = await openChaosMill(servers, { folder, history: own, deployment: alone })
  await comeToRest(mill)
  violations.push(
    ...(kind === 'asKilled'
      ? violationsOf(folder, [...seen, ...own.observations], [])
      : violationsOf(folder, own.observations, butAfterPowerCut)),
  )
  if (violations.length === 0) await rm(folder, { recursive: true })
  return violations
}

/** What a copy says of itself with its WAL torn in one place after another, before anybody works on it. */
async function examineTears(folder: string, sharedMemory: Buffer, random: Random): Promise<readonly Violation[]> {
  const violations: Violation[] = []
  for (let tear = 0; tear < tears; tear += 1) {
    const torn = join(folder, `torn-${tear}`)
    await mkdir(dataOf(torn), { recursive: true })
    for (const name of [databaseName, `${databaseName}-wal`]) {
      await copyFile(join(dataOf(folder), name), join(dataOf(torn), name))
    }
    await copyFile(runsOf(folder), runsOf(torn))
    await tearWal(torn, sharedMemory, random)
    const found = violationsOf(torn, [], butUnderWay)
    violations.push(...found)
    if (found.length === 0) await rm(torn, { recursive: true })
  }
  return violations
}

function violationsOf(
  folder: string,
  history: readonly Observation[],
  but: readonly CheckName[],
): readonly Violation[] {
  const { violations } = judge(folder, { history, isCutOff: true })
  return violations.filter(({ check }) => !but.includes(check))
}
