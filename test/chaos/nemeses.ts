import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosMill } from './chaos-mill.ts'
import type { CopyKind } from './crash-copy.ts'
import type { Random } from './random.ts'

/** What a nemesis strikes at. */
export interface Target {
  readonly mill: ChaosMill
  readonly random: Random
  /** Has a job run that takes longer than the server may take to end. */
  occupyThread(): Promise<void>
  /** Copies the folder as a crash would leave it, and has the copy looked at meanwhile. */
  copy(kind: CopyKind): Promise<void>
}

/** One way in which the world is hostile. When `strike` resolves, the mill must be up and reachable, or on its way. */
export interface Nemesis {
  readonly does: string
  strike(target: Target): Promise<void>
}

/** A node's lease in ms; who stands still for longer has lost it. */
const leaseMs = 6000

/** The nemeses by name. Those that live in the tasks (threads that exit, spin, fill their heap) strike by themselves. */
export const nemeses = {
  kill: {
    does: 'kills the process (SIGKILL) and starts it anew',
    async strike({ mill }) {
      await mill.stop('SIGKILL')
      await mill.start()
    },
  },
  terminate: {
    does: 'asks the process to end (SIGTERM) under load and starts it anew',
    async strike({ mill, occupyThread }) {
      await occupyThread()
      await mill.stop('SIGTERM')
      await mill.start()
    },
  },
  killWhileStopping: {
    does: 'asks the process to end (SIGTERM) and kills it on its way out',
    async strike({ mill, random }) {
      mill.signal('SIGTERM')
      await sleep(random.upTo(1500))
      await mill.stop('SIGKILL')
      await mill.start()
    },
  },
  killWhileStarting: {
    does: 'kills the process (SIGKILL) twice, the second time just after its start',
    async strike({ mill, random }) {
      await mill.stop('SIGKILL')
      await mill.start()
      await sleep(random.upTo(100))
      await mill.stop('SIGKILL')
      await mill.start()
    },
  },
  freeze: {
    does: 'stops the process (SIGSTOP) for longer than its lease and lets it go on',
    async strike({ mill, random }) {
      await mill.freeze()
      await sleep(leaseMs + 300 + random.upTo(1500))
      mill.signal('SIGCONT')
    },
  },
  copyAsKilled: {
    does: 'copies the data folder as `kill -9` would leave it, and works on with the copy',
    strike: ({ copy }) => copy('asKilled'),
  },
  copyAsCutOff: {
    does: 'copies the data folder as a power cut may leave it, with a torn WAL, and works on with the copy',
    strike: ({ copy }) => copy('asCutOff'),
  },
} as const satisfies Record<string, Nemesis>

export type NemesisName = keyof typeof nemeses
