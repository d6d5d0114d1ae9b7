import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Whether the file holds tests of a task. */
export function isTaskTest(file: string): boolean {
  return /\.test\.[mc]?[jt]s$/.test(file)
}

/** Runs a file of tests with Node's own runner, wherever it lies. Gives the exit status. */
export async function runTaskTests(file: string): Promise<number> {
  const register = new URL('../register.ts', import.meta.url).href
  // Without `--test`, which takes a pattern: a file whose name holds a bracket would not be found, and all would be well.
  const child = spawn(process.execPath, ['--import', register, file], { stdio: 'inherit' })
  // The terminal sends Ctrl-C to both.
  const stay = () => undefined
  const pass = () => child.kill('SIGTERM')
  process.on('SIGINT', stay)
  process.on('SIGTERM', pass)
  try {
    await once(child, 'close')
  } finally {
    process.removeListener('SIGINT', stay)
    process.removeListener('SIGTERM', pass)
  }
  return child.exitCode ?? 1
}
