import { describe, expect, it } from 'vitest'
import { createJobLog, maxLogLength, maxLogLines } from '../../../../src/workers/thread/job-log.ts'

describe("a job's log", () => {
  it('takes so many lines, says that it ends, and is silent', () => {
    const lines: string[] = []
    const log = createJobLog((level, text) => void lines.push(`${level} ${text}`))
    for (let line = 1; line <= maxLogLines + 10; line += 1) log('debug', `line ${line}`)
    expect(lines).toHaveLength(maxLogLines + 1)
    expect(lines.slice(-2)).toEqual(['debug line 1000', 'warn An attempt may log 1000 lines: the rest is left out.'])
  })

  it('cuts long lines and writes down whatever it is given', () => {
    const lines: string[] = []
    const log = createJobLog((_level, text) => void lines.push(text))
    log('info', 'x'.repeat(maxLogLength + 1))
    log('info', { rows: 1 })
    log('info', '\ud800')
    expect(lines).toEqual([`${'x'.repeat(maxLogLength - 1)}…`, '{ rows: 1 }', '\ufffd'])
  })
})
