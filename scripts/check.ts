import { interruptExitCode, interruptSignal } from './interrupt.ts'
import { readArguments } from './read-arguments.ts'
import { runCommand } from './run-command.ts'

/** Each check is a command that exits with 0 when there is nothing to complain about. */
const checks: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  types: ['tsc', '--noEmit'],
  lint: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
  format: ['oxfmt', '--check'],
  unused: ['knip', '--no-progress', '--treat-config-hints-as-errors'],
  schema: ['node', 'scripts/generate.ts', '--check', 'schema'],
  codegen: ['node', 'scripts/generate.ts', '--check', 'codegen'],
  docs: ['node', 'scripts/generate.ts', '--check', 'docs'],
  lock: ['node', 'scripts/generate.ts', '--check', 'lock'],
}

const names = Object.keys(checks)

const help = `npm run check [-- --only NAME]...

Runs all checks, two at a time: ${names.join(', ')}.
  --only NAME   runs this one only; can be given more than once
Shows the output of those that fail. The last line is "N passed, N failed". What can be mended is mended by: npm run fix
`

/** Runs one check and says how it went. Answers whether it passed. */
async function runCheck(name: string, signal: AbortSignal): Promise<boolean> {
  const [command, ...args] = checks[name] ?? ['']
  const start = performance.now()
  const { code, output } = await runCommand(command, args, { output: 'capture', signal })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const passed = code === 0
  if (signal.aborted) return false
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(8)} ${seconds.padStart(5)} s\n`)
  if (!passed) process.stdout.write(`${[command, ...args].join(' ')}\n${output.trimEnd()}\n\n`)
  return passed
}

/** Runs the checks, two at a time, and answers how many passed. */
async function runChecks(chosen: readonly string[], signal: AbortSignal): Promise<number> {
  const waiting = [...chosen]
  let passed = 0
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined && !signal.aborted; name = waiting.shift()) {
      if (await runCheck(name, signal)) passed += 1
    }
  }
  await Promise.all([lane(), lane()])
  return passed
}

const { values } = readArguments({ options: { only: { type: 'string', multiple: true, default: names } } }, help)
const unknown = values.only.find((name) => checks[name] === undefined)
if (unknown === undefined) {
  const signal = interruptSignal()
  const passed = await runChecks(values.only, signal)
  const failed = values.only.length - passed
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  process.exitCode = signal.aborted ? interruptExitCode(signal) : Number(failed > 0)
} else {
  console.error(`There is no check "${unknown}"; there are ${names.join(', ')}.`)
  process.exitCode = 2
}
