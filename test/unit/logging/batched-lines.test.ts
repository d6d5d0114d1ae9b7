import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { makeTestFolder } from '../../support/open-test-store.ts'

/** A process that logs. */
function logging(script: string, stderr: 'pipe' | number = 'pipe') {
  const code = `
    import { pinoLogger } from './src/adapters/logging/pino-logger.ts'
    const logger = pinoLogger({ level: 'info', pretty: false })
    ${script}`
  return spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['pipe', 'ignore', stderr],
    timeout: 15_000,
    killSignal: 'SIGKILL',
  })
}

/** What a process writes that ends by itself, and with which code. */
async function written(script: string) {
  const child = logging(script)
  const [lines, [code]] = await Promise.all([child.stderr ? text(child.stderr) : '', once(child, 'close')])
  return { lines, code: code as unknown }
}

const messagesOf = (lines: string) => [...lines.matchAll(/"msg":"([^"]*)"/g)].map(([, message]) => message)

const three = `for (const name of ['a', 'b', 'c']) logger.info({}, name);`

/** More than a pipe holds, and less than what may wait. */
const muchScript = `for (let at = 0; at < 6_000; at += 1) logger.info({ at }, 'x'.repeat(100));`

/** A pipe with a name. Its reader takes nothing unless it is asked to. */
async function openFifo() {
  const folder = await makeTestFolder()
  const path = join(folder.path, 'log')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY)
  return { reader, writer, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

describe('lines that wait to be written together', () => {
  it.each([
    ['comes to its end', '', 0],
    ['exits', 'process.exit(3)', 3],
    ['crashes', `throw new Error('It broke.')`, 1],
    ['crashes later', `setTimeout(() => Promise.reject(new Error('It broke.')), 1)`, 1],
  ])('are written when the process %s', async (_, end, code) => {
    const { lines, ...ended } = await written(`${three} ${end}`)
    expect(messagesOf(lines)).toEqual(['a', 'b', 'c'])
    expect(ended.code).toBe(code)
  })

  it.each([
    ['a moment later', three, ['a', 'b', 'c']],
    ['at once before an error, with it', `${three} logger.error({}, 'd')`, ['a', 'b', 'c', 'd']],
  ])('are written %s while the process goes on', async (_, script, expected) => {
    const child = logging(`${script}; process.stdin.resume()`)
    let lines = ''
    for await (const chunk of child.stderr ?? []) {
      lines += String(chunk)
      if (messagesOf(lines).length === expected.length) child.stdin?.end()
    }
    expect(messagesOf(lines)).toEqual(expected)
  })

  it('are all there, in their order, however slowly they are read', async () => {
    const { lines } = await written(`${muchScript} process.exit(0)`)
    const places = [...lines.matchAll(/"at":(\d+)/g)].map(([, at]) => Number(at))
    expect(places).toEqual(Array.from({ length: 6_000 }, (_, at) => at))
  })
})

describe('a process whose lines nobody reads', () => {
  it.each(['', 'process.exit(3)', `logger.error({}, 'd'); logger.flush(); logger.flush(); process.exit(3)`])(
    'ends all the same: %s',
    async (end) => {
      await using fifo = await openFifo()
      const child = logging(`${muchScript} ${end}`, fifo.writer)
      closeSync(fifo.writer)
      const [code] = (await once(child, 'exit')) as unknown[]
      expect(code).toBe(end === '' ? 0 : 3)
      const taken = Buffer.alloc(1_000)
      readSync(fifo.reader, taken)
      expect(taken.toString()).toMatch(/^\{"level":30,.*"at":0/)
      closeSync(fifo.reader)
    },
    20_000,
  )

  it('ends when its reader is gone', async () => {
    await using fifo = await openFifo()
    const child = logging(`process.stdin.once('data', () => { ${muchScript} process.exit(3) })`, fifo.writer)
    closeSync(fifo.writer)
    closeSync(fifo.reader)
    child.stdin?.write('now')
    expect(await once(child, 'exit')).toEqual([3, null])
  }, 20_000)

  it('goes on when another process makes their pipe blocking', async () => {
    await using fifo = await openFifo()
    const script = `
      import { spawnSync } from 'node:child_process'
      spawnSync('true', [], { stdio: 'inherit' })
      ${muchScript}
      process.exit(3)`
    const child = logging(script, fifo.writer)
    closeSync(fifo.writer)
    expect(await once(child, 'exit')).toEqual([3, null])
    closeSync(fifo.reader)
  }, 20_000)
})
