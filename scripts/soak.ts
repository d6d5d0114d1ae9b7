import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SingleBar } from 'cli-progress'
import { runSoak, type SoakOptions } from '../test/soak/run-soak.ts'
import { tellSoak } from '../test/soak/tell-soak.ts'
import { interruptExitCode, interruptSignal } from './interrupt.ts'
import { readArguments } from './read-arguments.ts'

const help = `npm run soak [-- --jobs N] [--requests N] [--connects N] [--minutes N]

Wears a server of its own, in rounds that are all alike, and looks after each at what it holds once its garbage was collected.
  --jobs N        how many jobs it runs in all (100000)
  --requests N    how many requests it answers: right ones, wrong ones, ones that nobody sent before (100000)
  --connects N    how many connections come and go: WebSocket, SSE, long polls, plain sockets cut in the middle (10000)
  --minutes N     begins no round after that; those that are over are judged (60)
The exit status is 0 when the heap's slope is zero within noise (it is not above zero with 95 % confidence, or comes to less than
1 MiB and 2 % of the heap over all rounds) and no socket, stream, handle, timer or listener was left; else 1. Ctrl-C ends it and
leaves nothing behind.
`

const { values } = readArguments(
  {
    options: {
      jobs: { type: 'string', default: '100000' },
      requests: { type: 'string', default: '100000' },
      connects: { type: 'string', default: '10000' },
      minutes: { type: 'string', default: '60' },
    },
  },
  help,
)

/** A number that was given. Ends the process when it is none. */
function readNumber(name: keyof typeof values): number {
  const number = Number(values[name])
  if (number > 0) return number
  console.error(`--${name} takes a number above 0, not "${values[name]}".\n\n${help}`)
  process.exit(2)
}

/** How many rounds are judged, and how many go before them. */
const rounds = { rounds: 20, warmUpRounds: 5 }

/** Says how far the run is: a bar on a terminal, a line for each twentieth elsewhere. */
function openProgress(): { show: NonNullable<SoakOptions['onProgress']>; stop(): void } {
  if (!process.stdout.isTTY) {
    let told = 0
    return {
      show(part, phase) {
        const twentieths = Math.floor(part * 20)
        if (twentieths > told) console.log(`${twentieths * 5} % (${phase})`)
        told = Math.max(told, twentieths)
      },
      stop: () => {},
    }
  }
  const bar = new SingleBar({ format: '{bar} {percentage} % | {eta_formatted} left | {phase}', stream: process.stdout })
  bar.start(1_000, 0, { phase: '' })
  return { show: (part, phase) => bar.update(Math.floor(part * 1_000), { phase }), stop: () => bar.stop() }
}

const work = { jobs: readNumber('jobs'), requests: readNumber('requests'), connects: readNumber('connects') }
const withinMs = readNumber('minutes') * 60_000
const signal = interruptSignal()
const dataDir = mkdtempSync(join(tmpdir(), 'millrace-soak-'))
const progress = openProgress()
try {
  const report = await runSoak({ ...work, ...rounds, dataDir, signal, withinMs, onProgress: progress.show })
  progress.stop()
  console.log(tellSoak(report))
  process.exitCode = report.verdict.faults.length > 0 ? 1 : 0
} catch (error) {
  progress.stop()
  if (!signal.aborted) throw error
  process.exitCode = interruptExitCode(signal)
} finally {
  rmSync(dataDir, { recursive: true, force: true })
}
