import { describe, expect, it } from 'vitest'
import { markedProcesses } from '../../scripts/marked-processes.ts'
import { runCommand } from '../../scripts/run-command.ts'

const never = new AbortController().signal

/** Runs a line of JavaScript. */
function run(code: string, signal: AbortSignal = never) {
  return runCommand(process.execPath, ['--eval', code], { output: 'capture', signal, graceMs: 500 })
}

describe('runCommand', () => {
  it('answers the exit code and both outputs', async () => {
    const result = await run('console.log("out"); console.error("err"); process.exitCode = 3')
    expect(result.code).toBe(3)
    expect(result.output.split('\n').toSorted()).toEqual(['', 'err', 'out'])
    expect(result.leftBehind).toEqual([])
  })

  it('says why a command cannot be run', async () => {
    const result = await runCommand('no-such-command', [], { output: 'capture', signal: never })
    expect(result).toEqual({
      code: 1,
      output: 'no-such-command cannot be run: spawn no-such-command ENOENT\n',
      leftBehind: [],
    })
  })

  it('interrupts a command, which may still clean up', async () => {
    const result = await run(
      `process.on('SIGINT', () => { console.log('cleaned'); process.exit(0) }); setInterval(() => {}, 1000)`,
      AbortSignal.timeout(500),
    )
    expect(result).toEqual({ code: 0, output: 'cleaned\n', leftBehind: [] })
  })

  it('kills a command that does not heed the interrupt', async () => {
    const result = await run(`process.on('SIGINT', () => {}); setInterval(() => {}, 1000)`, AbortSignal.timeout(500))
    expect(result).toEqual({ code: 1, output: '', leftBehind: [] })
  })

  it('kills what the command left behind, and names it where the system tells', async () => {
    const result = await run(
      `const child = require('node:child_process').spawn('sleep', ['9'], { detached: true, stdio: 'ignore' })
       console.log(child.pid)
       child.unref()`,
    )
    expect(result.code).toBe(0)
    const found = process.platform === 'linux' ? [{ pid: Number(result.output), command: 'sleep 9' }] : []
    expect(result.leftBehind).toEqual(found)
    await expect.poll(() => markedProcesses('')).not.toContainEqual({ pid: Number(result.output), command: 'sleep 9' })
  })
})
