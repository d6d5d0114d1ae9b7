import type { Command, Option } from 'commander'
import type { StatusOptions } from './status.ts'

export interface ConnectionArguments {
  readonly options: readonly Option[]
  /** How a command signs in. */
  readonly help: string
}

/** Adds `millrace status`. */
export function addStatusCommand(program: Command, { options: connection, help }: ConnectionArguments): void {
  const command = program
    .command('status')
    .description('Show how the processes of a running server are. For administrators.')
    .option('--watch', 'show them anew every two seconds or so', false)
    .option('--json', 'print all that they say as JSON, a line for each time', false)
  for (const option of connection) command.addOption(option)
  command
    .addHelpText(
      'after',
      `${help} An API key needs the scope ADMIN.\nCtrl-C ends --watch.\n\n` +
        '  held      what the heap and buffers held after the last full garbage collection\n' +
        '  growth    how much more is held after each minute\n' +
        '  late      how late the event loop was in the last second: 99 of 100 times at most so much\n' +
        '  busy      which part of the last second the event loop was busy\n' +
        '  threads   those that run jobs, of all\n' +
        '  shedding  how hard work is refused for load\n\n  millrace status --watch',
    )
    .action(async (options: StatusOptions) => {
      const { status } = await import('./status.ts')
      await status(options)
    })
}
