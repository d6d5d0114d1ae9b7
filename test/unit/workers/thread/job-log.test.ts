import { describe, expect, it } from 'vitest'
import { createControl } from '../../../../src/workers/control.ts'
import type { FromThread } from '../../../../src/workers/messages.ts'
import { maxLogLength, maxLogLines } from '../../../../src/core/value-limits.ts'
import { createJobLog } from '../../../../src/workers/thread/job-log.ts'

function openLog(control = createControl()) {
  const lines: string[] = []
  const send = (message: FromThread) => void (message.type === 'log' && lines.push(`${message.level} ${message.text}`))
  return { lines, log: createJobLog(send, control) }
}

describe("a job's log", () => {
  it('takes so many lines, says that it ends, and is silent', () => {
    const { lines, log } = openLog()
    for (let line = 1; line <= maxLogLines + 10; line += 1) log('debug', `line ${line}`)
    expect(lines).toHaveLength(maxLogLines + 1)
    expect(lines.slice(-2)).toEqual(['debug line 1000', 'warn An attempt may log 1000 lines: the rest is left out.'])
  })

  it('counts the lines of all shards together', () => {
    const control = createControl()
    const shards = [openLog(control), openLog(control)]
    for (let line = 1; line <= maxLogLines; line += 1) for (const { log } of shards) log('info', 'line')
    expect(shards.map(({ lines }) => lines.length)).toEqual([maxLogLines / 2 + 1, maxLogLines / 2])
  })

  it('cuts long lines and writes down whatever it is given', () => {
    const { lines, log } = openLog()
    log('info', 'x'.repeat(maxLogLength + 1))
    log('info', { rows: 1 })
    log('info', '\ud800')
    expect(lines).toEqual([`info ${'x'.repeat(maxLogLength - 1)}…`, 'info { rows: 1 }', 'info \ufffd'])
  })
})
