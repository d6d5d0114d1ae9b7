import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { addStatusCommand } from './cli/add-status-command.ts'
import { reportFailure } from './cli/failure.ts'
import type { RunOptions } from './cli/run.ts'
import type { TasksOptions } from './cli/tasks.ts'
import type { TaskTestOptions } from './cli/test-task.ts'

/** The command line `millrace`. Sets the exit status; commands are loaded when they are called, so that help is quick. */
export async function runCli(argv: readonly string[]): Promise<void> {
  const json = argv.includes('--json')
  // Who reads our output may have seen enough (`| head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  try {
    await createProgram().parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else process.exitCode = reportFailure(error, json)
  }
}

function createProgram(): Command {
  const program = new Command('millrace')
    .description(
      'A GraphQL server that runs CPU-heavy TypeScript functions off the event loop and streams their progress.',
    )
    .version(packageJson.version)
    .showHelpAfterError('(millrace --help shows what there is)')
    .exitOverride()
  addServerCommands(program)
  addClientCommands(program)
  for (const command of program.commands) command.exitOverride().showHelpAfterError()
  return program
}

function addServerCommands(program: Command): void {
  program
    .command('start')
    .description('Start the server. Everything is set by environment variables: docs/settings.md.')
    .option('--port <port>', 'the port to listen on (PORT)')
    .option('--host <address>', 'the address to listen on (HOST)')
    .option('--data-dir <folder>', 'where everything is kept (DATA_DIR)')
    .option('--tasks <folders>', 'folders with task files of your own (MILLRACE_TASKS)')
    .action(async (options: Record<string, string>) => {
      const { start } = await import('./main.ts')
      await start(withOptions(options))
    })

  program
    .command('schema')
    .description('Print the GraphQL schema, with the mutations of all tasks.')
    .option('--out <file>', 'write it to a file instead')
    .option('--tasks <folders>', 'folders with task files of your own (MILLRACE_TASKS)')
    .action(async (options: Record<string, string>) => {
      const { schema } = await import('./cli/schema.ts')
      await schema({ environment: withOptions(options), out: options['out'] ?? null })
    })

  const user = program.command('user').description('Manage the users of the data folder on this machine.')
  user
    .command('create')
    .description('Make a user. The password is read from MILLRACE_PASSWORD, or asked for.')
    .requiredOption('--email <address>', 'the email address to sign in with')
    .option('--name <name>', 'the name to show (by default what stands before the @)')
    .option('--admin', 'make them an administrator', false)
    .option('--data-dir <folder>', 'where everything is kept (DATA_DIR)')
    .option('--json', 'print the user as JSON', false)
    .action(async (options: { email: string; name?: string; admin: boolean; json: boolean; dataDir?: string }) => {
      const { createUser } = await import('./cli/create-user.ts')
      const environment = withOptions(options.dataDir === undefined ? {} : { dataDir: options.dataDir })
      await createUser({ ...options, environment })
    })
  addUserCommands(user)
  addTaskCommands(program)
  addAuditCommands(program)
  addSecretCommands(program)
  for (const command of user.commands) command.exitOverride().showHelpAfterError()
}

function addUserCommands(user: Command): void {
  user
    .command('list')
    .description('List the users, newest first.')
    .option('--search <text>', 'only those with this in the email address or the name')
    .option('--data-dir <folder>', 'where everything is kept (DATA_DIR)')
    .option('--json', 'print each user as JSON on a line', false)
    .action(async ({ search, json, ...options }: { search?: string; json: boolean; dataDir?: string }) => {
      const { listUsers } = await import('./cli/users.ts')
      await listUsers({ ...(search === undefined ? {} : { search }), json, environment: withOptions(options) })
    })

  const change = (words: string, description: string) =>
    user
      .command(words)
      .description(`${description} The user is an id or an email address.`)
      .option('--data-dir <folder>', 'where everything is kept (DATA_DIR)')
      .option('--json', 'print the user as JSON', false)
  interface Options {
    json: boolean
    dataDir?: string
  }
  const actions = [
    ['disable', 'Shut a user out, also of a server that runs: end their sessions, refuse their API keys.'],
    ['enable', 'Let a user in again who was shut out.'],
    ['reset-mfa', 'Take all second factors from a user, passkeys as well, and end their sessions.'],
  ] as const
  for (const [action, description] of actions) {
    change(`${action} <user>`, description).action(async (name: string, { json, ...options }: Options) => {
      const { changeUser } = await import('./cli/users.ts')
      await changeUser({ action, user: name, json, environment: withOptions(options) })
    })
  }
  change('set-roles <user> <roles...>', 'Set what a user is: user, or user admin.').action(
    async (name: string, roles: string[], { json, ...options }: Options) => {
      const { changeUser } = await import('./cli/users.ts')
      await changeUser({ action: 'set-roles', user: name, roles, json, environment: withOptions(options) })
    },
  )
}

function addTaskCommands(program: Command): void {
  const task = program.command('task').description('Write task files and try them out, without a server.')
  task
    .command('new <name>')
    .description(
      'Write a task file with a test and an input to try it on. The name is that of the mutation, such as countWords.',
    )
    .option('--folder <folder>', 'where to write it', 'tasks')
    .option('--sharded', 'one that runs on several threads at once', false)
    .action(async (name: string, options: { folder: string; sharded: boolean }) => {
      const { newTask } = await import('./cli/new-task.ts')
      await newTask(name, options)
    })
  task
    .command('test <file>')
    .description(
      'Run a task file in threads, as a server does, and print what it says and answers; or run a file of tests (*.test.ts).',
    )
    .option('--input <json>', 'the input: a JSON object, or a file that holds one')
    .option('--file <[field=]path>', 'a file for the input; can be repeated', collect, [])
    .option('--threads <number>', "how many threads there are (the machine's cores)", wholeNumber)
    .option('--out <folder>', 'keep the files that the task writes there')
    .option('--json', 'print partial results and the result as JSON, one a line', false)
    .addHelpText(
      'after',
      '\nCtrl-C stops the task.\n\n  millrace task test tasks/count-words.ts --input \'{"text":"a b"}\'',
    )
    .action(async (file: string, options: TaskTestOptions) => {
      const { testTask } = await import('./cli/test-task.ts')
      process.exitCode = await testTask(file, options)
    })
  for (const command of task.commands) command.exitOverride().showHelpAfterError()
}

function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('Read the log of what happened to accounts.')
  audit
    .command('export')
    .description('Print the log as JSON, an event a line, newest first.')
    .option('--since <time>', 'only events from then on, such as 2026-11-01 or 2026-11-01T12:00:00Z', moment)
    .option('--user <user>', 'only events about this user, by id or email address')
    .option('--data-dir <folder>', 'where everything is kept (DATA_DIR)')
    .action(async ({ since, user, ...options }: { since?: number; user?: string; dataDir?: string }) => {
      const { exportAudit } = await import('./cli/audit.ts')
      await exportAudit({ since: since ?? null, user: user ?? null, environment: withOptions(options) })
    })
  for (const command of audit.commands) command.exitOverride().showHelpAfterError()
}

function addSecretCommands(program: Command): void {
  const keys = program.command('signing-keys').description('Look after the keys that access tokens are signed with.')
  const keyCommands = [
    ['list', 'List the signing keys.', 'listSigningKeys'],
    [
      'rotate',
      'Sign with the next key from now on, also where a server runs. Nobody is signed out.',
      'rotateSigningKeys',
    ],
  ] as const
  for (const [name, description, action] of keyCommands) {
    keys
      .command(name)
      .description(description)
      .option('--data-dir <folder>', 'where everything is kept (DATA_DIR)')
      .option('--json', 'print the keys as JSON', false)
      .action(async ({ json, ...options }: { json: boolean; dataDir?: string }) => {
        const commands = await import('./cli/signing-keys.ts')
        await commands[action]({ json, environment: withOptions(options) })
      })
  }

  program
    .command('new-epoch')
    .description('Give every log of events a new epoch: after a backup was restored, before the server starts.')
    .option('--data-dir <folder>', 'where everything is kept (DATA_DIR)')
    .addHelpText(
      'after',
      '\nThe log of a backup goes on from an older place. Without a new epoch, who comes back with a cursor from after the\n' +
        'backup could be given other events under the numbers of those that they have seen. No server may run meanwhile.',
    )
    .action(async (options: { dataDir?: string }) => {
      const { newEpoch } = await import('./cli/new-epoch.ts')
      await newEpoch({ environment: withOptions(options) })
    })

  const secrets = program.command('secrets').description('Look after what is kept sealed.')
  secrets
    .command('rotate')
    .description('Seal everything anew with MILLRACE_SECRET, so that MILLRACE_SECRET_PREVIOUS can be dropped.')
    .option('--data-dir <folder>', 'where everything is kept (DATA_DIR)')
    .addHelpText('after', '\nStart every server with both variables first. Can be run while they run, and again.')
    .action(async (options: { dataDir?: string }) => {
      const { rotateSecrets } = await import('./cli/rotate-secrets.ts')
      await rotateSecrets({ environment: withOptions(options) })
    })
  for (const command of [...keys.commands, ...secrets.commands]) command.exitOverride().showHelpAfterError()
}

function addClientCommands(program: Command): void {
  const url = () => new Option('--url <url>', 'the server').env('MILLRACE_URL').default('http://localhost:4000')
  const email = () =>
    new Option('--email <address>', 'who to sign in as; the password is asked for').env('MILLRACE_EMAIL')
  const signIn =
    '\nSigns in with MILLRACE_TOKEN (an access token or an API key), or with --email and MILLRACE_PASSWORD, or asks.'

  program
    .command('run <task>')
    .description('Run a task on a running server and watch it to its end.')
    .option('--input <json>', 'the input: a JSON object, or a file that holds one')
    .option('--file <[field=]path>', 'a file to upload for the input; can be repeated', collect, [])
    .option('--priority <number>', 'from -100 to 100; higher runs first', wholeNumber)
    .option('--idempotency-key <key>', 'the same key with the same input gives the same job')
    .addOption(new Option('--transport <name>', 'use this one only').choices(['ws', 'sse', 'poll']))
    .option('--detach', 'print the id of the job and do not wait', false)
    .option('--json', 'print the ended job as JSON', false)
    .addOption(url())
    .addOption(email())
    .addHelpText('after', `${signIn}\nCtrl-C cancels the job.\n\n  millrace run profileTable --file data.csv`)
    .action(async (task: string, options: RunOptions) => {
      const { run } = await import('./cli/run.ts')
      process.exitCode = await run(task, options)
    })

  program
    .command('tasks')
    .description('List the tasks of a running server.')
    .option('--json', 'print them as JSON, with the schemas of input and output', false)
    .addOption(url())
    .addOption(email())
    .addHelpText('after', signIn)
    .action(async (options: TasksOptions) => {
      const { tasks } = await import('./cli/tasks.ts')
      await tasks(options)
    })
  addStatusCommand(program, { options: [url(), email()], help: signIn })
}

const variables: Readonly<Record<string, string>> = {
  port: 'PORT',
  host: 'HOST',
  dataDir: 'DATA_DIR',
  tasks: 'MILLRACE_TASKS',
}

/** The environment with the options in the place of their variables. */
function withOptions(options: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> {
  const given = Object.entries(options).flatMap(([option, value]) => {
    const name = variables[option]
    return name === undefined ? [] : [[name, value] as const]
  })
  const named: Record<string, string> = Object.fromEntries(given)
  return { ...process.env, ...named }
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value]
}

/** Ms since 1970. */
function moment(value: string): number {
  const ms = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  if (!Number.isNaN(ms)) return ms
  throw new InvalidArgumentError('It takes a day or a moment, such as 2026-11-01 or 2026-11-01T12:00:00Z.')
}

function wholeNumber(value: string): number {
  const number = Number(value)
  if (Number.isInteger(number)) return number
  throw new InvalidArgumentError('It takes a whole number.')
}
