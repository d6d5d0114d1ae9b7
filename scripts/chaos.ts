import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DeploymentName, deployments } from '../test/chaos/deployments.ts'
import { namesOf, nemeses, type NemesisName, rounds } from '../test/chaos/nemeses.ts'
import { type ChaosOptions, type Course, runChaos, type Verdict } from '../test/chaos/run-chaos.ts'
import { tellVerdict } from '../test/chaos/tell-verdict.ts'
import { interruptExitCode, interruptSignal } from './interrupt.ts'
import { readArguments } from './read-arguments.ts'

/** Of the tables. */
const names = Object.keys(nemeses) as NemesisName[]
const deploymentNames = Object.keys(deployments) as DeploymentName[]

const help = `npm run chaos [-- --deployment NAME] [--minutes N] [--operations N] [--seed N] [--only NEMESIS]... [--keep]

Lets clients enter, cancel, repeat and watch jobs on a real server while it is made to suffer, then compares all that the
clients saw with what the server kept.
  --deployment D   what the server consists of (alone):
${deploymentNames.map((name) => `                     ${name.padEnd(9)} ${deployments[name].is}`).join('\n')}
  --minutes N      how long the clients work (1, unless --operations is given)
  --operations N   how many operations they do in all
  --seed N         makes the same choices as the run that printed this number; the timing differs all the same
  --only NEMESIS   lets loose this one only; can be given more than once
  --keep           keeps the folder of the run even if all went well
The nemeses, besides tasks that end, block or fill their own threads:
${names.map((name) => `  ${name.padEnd(23)} ${nemeses[name].does}`).join('\n')}
The exit status is 0 when every invariant held, 1 when one did not: the folder is kept then, and named.
`

const { values } = readArguments(
  {
    options: {
      deployment: { type: 'string', default: 'alone' },
      minutes: { type: 'string' },
      operations: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
      keep: { type: 'boolean', default: false },
    },
  },
  help,
)

/** A number that was given, or the default. Ends the process when it is none. */
function readNumber(name: string, text: string | undefined, byDefault: number): number {
  const number = text === undefined ? byDefault : Number(text)
  if (number > 0) return number
  console.error(`--${name} takes a number above 0, not "${text}".\n\n${help}`)
  process.exit(2)
}

function readDeployment(text: string): DeploymentName {
  const found = deploymentNames.find((name) => name === text)
  if (found !== undefined) return found
  console.error(`There is no deployment "${text}".\n\n${help}`)
  process.exit(2)
}

function readRound(deployment: DeploymentName, only: readonly string[] | undefined): readonly NemesisName[] {
  const round = namesOf(rounds[deployment])
  if (only === undefined) return round
  const unknown = only.find((name) => !round.some((one) => one === name))
  if (unknown === undefined) return round.filter((name) => only.includes(name))
  console.error(`There is no nemesis "${unknown}" for ${deployment}.\n\n${help}`)
  process.exit(2)
}

/** Says how far the run is: on a terminal each second in one line, elsewhere every ten seconds. */
function showProgress({ operations, history, strikes }: Course): NodeJS.Timeout {
  const started = Date.now()
  const isTerminal = process.stdout.isTTY
  const show = () => {
    const seconds = Math.round((Date.now() - started) / 1000)
    const last = strikes.length === 0 ? '' : `, the last: ${strikes.at(-1)}`
    const line = `${seconds} s  ${operations.count} operations  ${history.observations.length} observations  ${strikes.length} strikes${last}`
    process.stdout.write(isTerminal ? `\r\x1b[K${line}` : `${line}\n`)
  }
  return setInterval(show, isTerminal ? 1000 : 10_000)
}

/** Keeps what one needs to see why an invariant did not hold. */
function keep(folder: string, { history, output }: Verdict): void {
  writeFileSync(join(folder, 'history.json'), JSON.stringify(history, null, 1))
  writeFileSync(join(folder, 'server.log'), output)
  console.log(`Kept: ${folder} (history.json, server.log, data, copies that were not sound)`)
}

async function run(
  folder: string,
  options: Pick<ChaosOptions, 'deployment' | 'seed' | 'operations' | 'workMs' | 'round'>,
) {
  let timer: NodeJS.Timeout | undefined
  try {
    return await runChaos({
      ...options,
      folder,
      signal,
      pause: 120,
      onStart: (course) => {
        timer = showProgress(course)
      },
    })
  } finally {
    clearInterval(timer)
    if (process.stdout.isTTY) process.stdout.write('\n')
  }
}

const minutes = readNumber('minutes', values.minutes, values.operations === undefined ? 1 : Infinity)
const deployment = readDeployment(values.deployment)
const options = {
  deployment,
  seed: Math.floor(readNumber('seed', values.seed, randomInt(1, 2 ** 31))),
  operations: readNumber('operations', values.operations, Infinity),
  workMs: minutes * 60_000,
  round: readRound(deployment, values.only),
}
const signal = interruptSignal()
const folder = mkdtempSync(join(tmpdir(), 'millrace-chaos-'))
console.log(`seed ${options.seed}, folder ${folder}`)
try {
  const verdict = await run(folder, options)
  console.log(tellVerdict(verdict))
  const failed = verdict.violations.length > 0
  if (failed || values.keep) keep(folder, verdict)
  else rmSync(folder, { recursive: true })
  process.exitCode = failed ? 1 : 0
} catch (error) {
  if (!signal.aborted) throw error
  rmSync(folder, { recursive: true, force: true })
  // Clients may still be asking; nobody waits for what they are told.
  process.exit(interruptExitCode(signal))
}
