import { interruptExitCode, interruptSignal } from './interrupt.ts'
import { readArguments } from './read-arguments.ts'
import { runCommand } from './run-command.ts'

const help = `npm run fix

Mends what can be mended: what the linter can put right, the printed schema, the typed operations, the tables in the
documents, and the formatting. What is then still wrong is told by: npm run check
`

/** In the order in which one needs the other; formatting comes last. */
const steps = [
  ['oxlint', '--type-aware', '--fix'],
  ['node', 'scripts/generate.ts'],
  ['oxfmt', '--write'],
] as const

readArguments({}, help)
const signal = interruptSignal()
for (const [command, ...args] of steps) {
  process.stdout.write(`== ${command} ${args.join(' ')}\n`)
  const { code } = await runCommand(command, args, { output: 'inherit', signal })
  if (code !== 0) process.exitCode = 1
}
if (signal.aborted) process.exitCode = interruptExitCode(signal)
