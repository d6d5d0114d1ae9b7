import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'

/** The command line as the config describes it. Answers `--help` and refuses what is not described, ending the process. */
export function readArguments<Config extends ParseArgsConfig>(
  config: Config,
  help: string,
): ReturnType<typeof parseArgs<Config>> {
  try {
    const { values } = parseArgs({ strict: false, options: { help: { type: 'boolean', short: 'h' } } })
    if (values.help === true) {
      process.stdout.write(help)
      process.exit(0)
    }
    return parseArgs(config)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    process.exit(2)
  }
}
