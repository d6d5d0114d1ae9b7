import { setTimeout as sleep } from 'node:timers/promises'
import { freeze, thaw } from './chaos-mill.ts'
import { leaseMs, longJobMs, type Nemesis } from './nemesis.ts'

/** Those that strike at the process that was started, whether it is alone or a primary. */
export const processNemeses = {
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
      await occupyThread(longJobMs)
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
      await freeze([mill.pid])
      await sleep(leaseMs + 300 + random.upTo(1500))
      thaw([mill.pid])
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
