import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

/** Logs in a process of its own, whose lines can be read. */
async function logged(script: string): Promise<readonly string[]> {
  const { stderr } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    `import { pinoLogger } from './src/adapters/logging/pino-logger.ts'
    const logger = pinoLogger({ level: 'warn', pretty: false })
    ${script}`,
  ])
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { msg: string }).msg)
}

it('a logger writes from another level on, and from its own again', async () => {
  const script = `
    for (const level of [null, 'debug', 'error', 'info', null]) {
      logger.setLevel(level)
      for (const name of ['debug', 'info', 'warn', 'error']) logger[name]({}, level + ' ' + name)
    }`
  expect(await logged(script)).toEqual([
    'null warn',
    'null error',
    'debug debug',
    'debug info',
    'debug warn',
    'debug error',
    'error error',
    'info info',
    'info warn',
    'info error',
    'null warn',
    'null error',
  ])
})
