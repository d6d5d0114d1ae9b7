import { describe, expect, it } from 'vitest'
import { pinoLogger } from '../../../src/adapters/logging/pino-logger.ts'
import { redact } from '../../../src/adapters/logging/redact.ts'

/** The lines that are written of these, as they were parsed. */
function written(say: (logger: ReturnType<typeof pinoLogger>) => void, level: 'debug' | 'warn' = 'debug') {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  say(pinoLogger({ level, pretty: false, fields: { member: 2 }, destination }))
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}

describe('what is redacted', () => {
  it('stands under the name of a secret, down to the third level, in lists as well', () => {
    const fields = {
      password: 'a',
      user: { token: 'b', name: 'Ada', list: [{ cookie: 'c' }] },
      headers: [{ authorization: 'd' }, 'plain'],
      secret: { whole: 'e' },
    }
    expect(redact(fields)).toEqual({
      password: '[Redacted]',
      user: { token: '[Redacted]', name: 'Ada', list: [{ cookie: 'c' }] },
      headers: [{ authorization: '[Redacted]' }, 'plain'],
      secret: '[Redacted]',
    })
    expect(fields.password).toBe('a')
  })

  it('is nothing of a line that holds no secret, which is not copied', () => {
    const fields = { requestId: '1', nested: { list: [1, 2] } }
    expect(redact(fields)).toBe(fields)
  })

  it('is in errors, too, of which the log has message and stack', () => {
    const error = Object.assign(new Error('It failed.', { cause: new Error('For this.') }), { token: 'a' })
    expect(redact({ err: error })).toEqual({
      err: {
        type: 'Error',
        message: 'It failed.: For this.',
        stack: expect.stringContaining('caused by: Error: For this.'),
        token: '[Redacted]',
      },
    })
  })
})

describe('a line', () => {
  it('is the same whoever made it', () => {
    const [debug, info, warn, error] = written((logger) => {
      logger.debug({ a: 1 }, 'said "so"')
      logger.info({}, 'nothing')
      logger.warn({ password: 'x' }, 'warned')
      logger.error({ err: new Error('no') }, 'failed')
    })
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(debug).toEqual({ level: 20, time, member: 2, a: 1, msg: 'said "so"' })
    expect(info).toEqual({ level: 30, time, member: 2, msg: 'nothing' })
    expect(warn).toEqual({ level: 40, time, member: 2, password: '[Redacted]', msg: 'warned' })
    expect(error).toMatchObject({ level: 50, time, member: 2, err: { message: 'no' }, msg: 'failed' })
  })

  it('is written of what is no JSON, too', () => {
    const cyclic: Record<string, unknown> = { count: 1n }
    cyclic['self'] = cyclic
    expect(written((logger) => logger.info({ cyclic }, 'round'))).toMatchObject([{ msg: 'round' }])
  })

  it('is not written below the level', () => {
    expect(written((logger) => logger.info({}, 'quiet'), 'warn')).toEqual([])
  })
})
