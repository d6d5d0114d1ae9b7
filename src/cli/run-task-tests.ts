import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Whether the file holds tests of a task. */
export function isTaskTest(file: string): boolean {
  return /\.test\.[mc]?[jt]s$/.test(file)
}

/** Runs a file of tests with Node's own runner, wherever it lies. Gives the exit status. */
export async function runTaskTests(file: string): Promise<number> {
  const register = new URL('../register.ts', import.meta.url).href
  const child = spawn(process.execPath, ['--import', register, '--test', file], { stdio: 'inherit' })
  // The terminal sends Ctrl-C to both.
  const stay = () => undefined
  process.on('SIGINT', stay)
  await once(child, 'close')
  process.removeListener('SIGINT', stay)
  return child.exitCode ?? 1
}
