import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isTaskName } from '../core/task.ts'
import { CliFailure } from './failure.ts'
import { plainTask, shardedTask } from './new-task-files.ts'

export interface NewTaskOptions {
  readonly folder: string
  readonly sharded: boolean
}

/** `millrace task new`: writes a task file, a test and an input. Overwrites nothing. */
export async function newTask(name: string, { folder, sharded }: NewTaskOptions): Promise<void> {
  if (!isTaskName(name)) {
    const message = `"${name.slice(0, 100)}" cannot be a task's name: it is camelCase, at most 64 letters and digits, such as countWords.`
    throw new CliFailure(message, { code: 'INVALID_NAME', exitCode: 2 })
  }
  const file = name.replaceAll(/[A-Z]+/g, (capitals) => `-${capitals.toLowerCase()}`)
  const path = (ending: string) => join(folder, file + ending)
  await mkdir(folder, { recursive: true })
  const template = sharded ? shardedTask : plainTask
  await write(path('.ts'), template.task(name))
  await write(path('.test.ts'), template.test(file))
  await write(path('.input.json'), template.input)
  const here = (to: string) => relative('.', to) || '.'
  console.log(
    [
      `Wrote ${here(path('.ts'))}, its test and an input. Next:`,
      `  npx millrace task test ${here(path('.ts'))} --input ${here(path('.input.json'))}`,
      `  npx millrace task test ${here(path('.test.ts'))}`,
      `  MILLRACE_TASKS=${here(folder)} npm start`,
    ].join('\n'),
  )
}

async function write(path: string, text: string): Promise<void> {
  try {
    // `wx`: fails where there is such a file.
    await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw new CliFailure(`${path} is there already: remove it first, or give the task another name.`, {
      code: 'EXISTS',
    })
  }
}
