import { access, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { newId } from '../core/ids.ts'
import { InvalidInputError } from '../core/errors.ts'
import { loadTask, type LoadedTask, type TaskRun, TaskRunError } from '../testing.ts'
import { type Bar, createBar, silentBar } from './bar.ts'
import { CliFailure } from './failure.ts'
import { fileArgument, withFile } from './file-argument.ts'
import { formatResult } from './format-result.ts'
import { onInterrupt } from './on-interrupt.ts'
import { printable } from './printable.ts'
import { readInput } from './read-input.ts'
import { isTaskTest, runTaskTests } from './run-task-tests.ts'

export interface TaskTestOptions {
  readonly input?: string
  readonly file: readonly string[]
  readonly threads?: number
  readonly out?: string
  readonly json: boolean
}

/** `millrace task test`: runs a task file once and prints what it says, or runs a file of tests. Gives the exit status. */
export async function testTask(file: string, options: TaskTestOptions): Promise<number> {
  const path = resolve(file)
  await access(path).catch(() => {
    throw new CliFailure(`There is no file ${file.slice(0, 300)}.`, { exitCode: 2 })
  })
  if (isTaskTest(path)) return await runTaskTests(path)
  const { threads } = options
  if (threads !== undefined && threads < 1) throw new CliFailure('--threads takes a number from 1 on.', { exitCode: 2 })
  const given = await readInput(options.input)
  const logger = pinoLogger({ level: 'warn', pretty: process.stderr.isTTY })
  await using task = await loadTask(path, { logger, ...(threads === undefined ? {} : { threads }) })
  const { input, files } = addFiles(task, given, options.file)
  const interrupted = onInterrupt()
  const bar = options.json ? silentBar : createBar(task.description.name)
  try {
    const run = await task.run(input, { files, signal: interrupted.signal, listener: listener(bar, options.json) })
    bar.show(1, 'succeeded')
    bar.stop()
    await print(run, options)
    return 0
  } catch (error) {
    if (interrupted.signal.aborted) throw new CliFailure('Interrupted.', { code: 'INTERRUPTED', exitCode: 130 })
    throw toFailure(error)
  } finally {
    bar.stop()
    interrupted.stop()
  }
}

function addFiles({ description }: LoadedTask, given: Record<string, unknown>, paths: readonly string[]) {
  let input = given
  const files: Record<string, string> = {}
  for (const argument of paths) {
    const file = fileArgument(description, argument)
    const id = newId('artifact')
    files[id] = resolve(file.path)
    input = withFile(input, file, id)
  }
  return { input, files }
}

function listener(bar: Bar, json: boolean) {
  return {
    progress: ({ fraction, message }: { fraction: number; message: string | null }) =>
      bar.show(fraction, message ?? ''),
    partial(data: unknown) {
      if (json) console.log(JSON.stringify({ partial: data }))
      else bar.line(`partial ${JSON.stringify(data).slice(0, 200)}`)
    },
    log(level: string, text: string) {
      if (json) console.log(JSON.stringify({ level, text }))
      else bar.line(`${level} ${text}`)
    },
  }
}

async function print({ output, artifacts, cpuMs }: TaskRun, { json, out }: TaskTestOptions): Promise<void> {
  if (json) console.log(JSON.stringify({ output, cpuMs }))
  else console.log(formatResult(output))
  if (out !== undefined) await mkdir(out, { recursive: true })
  const names = new Set<string>()
  for (const { id, fileName, mediaType, bytes } of artifacts) {
    // A second file of a name gets its id before it.
    const name = names.has(fileName) ? `${id}-${fileName}` : fileName
    names.add(name)
    const path = out === undefined ? null : join(out, name)
    if (path !== null) await writeFile(path, bytes)
    if (!json) {
      const where = path === null ? ' (kept with --out <folder>)' : ` in ${path}`
      console.log(printable(`file: ${fileName}, ${mediaType}, ${bytes.length.toLocaleString('en')} bytes${where}`))
    }
  }
}

function toFailure(error: unknown): unknown {
  if (error instanceof InvalidInputError) {
    const issues = error.issues.map(({ path, message }) => `\n  ${path.join('.')}: ${message}`).join('')
    return new CliFailure(`The input is not valid.${issues}`, { code: error.code })
  }
  return error instanceof TaskRunError ? new CliFailure(error.message, { code: error.code }) : error
}
