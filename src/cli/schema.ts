import { writeFile } from 'node:fs/promises'
import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { describeTasks } from '../compose/describe-tasks.ts'
import { readConfig } from '../config.ts'
import { createSchema } from '../schema/index.ts'
import { printPublicSchema } from '../schema/print-schema.ts'

export interface SchemaOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `null`: print it. */
  readonly out: string | null
}

/** `millrace schema`: the SDL with the mutations of all tasks. */
export async function schema(options: SchemaOptions): Promise<void> {
  const config = readConfig(options.environment)
  const logger = pinoLogger({ level: config.logLevel, pretty: process.stderr.isTTY })
  const tasks = await describeTasks(config, logger)
  const sdl = printPublicSchema(createSchema(tasks).schema)
  if (options.out === null) process.stdout.write(sdl)
  else await writeFile(options.out, sdl)
}
