import { afterEach, describe, expect, it, vi } from 'vitest'
import { anonymous, type KnownPrincipal } from '../../../src/core/principal.ts'
import { eventually } from '../../support/eventually.ts'
import { somebody } from '../../support/principals.ts'
import { openProcesses, type TestProcess, type TestProcesses } from './open-processes.ts'

const client = { ip: '192.0.2.7', userAgent: 'test', device: null, requestId: 'req_1' }
const admin = { roles: ['user', 'admin'] } as const
const begin = { on: true, message: 'Back at eleven.' }
const end = { on: false, message: null }

const auditLines = ({ store }: TestProcess) =>
  store.read(({ audit }) => audit.list({ subjectId: null, event: null, before: null, limit: 100 }))
const last = ({ applied }: TestProcess) => applied.at(-1)

async function open(): Promise<TestProcesses & { readonly one: TestProcess; readonly root: KnownPrincipal }> {
  const processes = await openProcesses()
  return { ...processes, one: await processes.start(), root: await processes.newUser(admin) }
}

describe('runtime settings', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('hold where they were set when that is answered, in all others when they hear of it, and in those that start later', async () => {
    await using test = await open()
    const { one, root } = test
    const two = await test.start()
    const unset = { logLevel: null, maintenance: null }
    expect([last(one), last(two)]).toEqual([unset, unset])
    const since = test.clock.now()
    await one.settings.setLogLevel(root, 'debug', client)
    const set = await one.settings.setMaintenance(root, begin, client)
    const expected = { logLevel: 'debug', maintenance: { message: begin.message, since, by: root.userId } }
    expect([set, last(one), one.settings.maintenance()]).toEqual([expected, expected, expected.maintenance])
    await eventually(() => two.settings.maintenance() !== null)
    expect([last(two), last(await test.start())]).toEqual([expected, expected])
    expect(await two.settings.read(root)).toEqual(expected)

    test.clock.advance(1000)
    const other = await test.newUser(admin)
    // Whoever changes the message has not begun it.
    await two.settings.setMaintenance(other, { on: true, message: 'Back at noon.' }, client)
    await two.settings.setMaintenance(other, { on: true, message: null }, client)
    const noon = { message: 'Back at noon.', since, by: root.userId }
    await eventually(() => one.settings.maintenance()?.message === noon.message)
    expect(one.settings.maintenance()).toEqual(noon)
    expect(await two.settings.setLogLevel(other, null, client)).toEqual({ logLevel: null, maintenance: noon })
    expect(await two.settings.setMaintenance(other, end, client)).toEqual({ logLevel: null, maintenance: null })
    await eventually(() => one.settings.maintenance() === null)
  })

  it('come to a process that hears nothing, with the next look at the store', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await using test = await open()
    const deaf = await test.start({ deaf: true })
    await test.one.settings.setLogLevel(test.root, 'error', client)
    expect(last(deaf)?.logLevel).toBeNull()
    vi.advanceTimersByTime(3_000)
    await eventually(() => last(deaf)?.logLevel === 'error')
    expect(deaf.applied).toHaveLength(2)
  })

  it('are looked up when the line to the others has come back', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await using test = await open()
    const deaf = await test.start({ deaf: true })
    await test.one.settings.setLogLevel(test.root, 'error', client)
    deaf.changeLine(false)
    deaf.changeLine(true)
    await eventually(() => last(deaf)?.logLevel === 'error')
  })

  it('lose nothing where two administrators change them at once', async () => {
    await using test = await open()
    const two = await test.start()
    const other = await test.newUser(admin)
    await Promise.all([
      ...Array.from({ length: 10 }, (_, n) =>
        test.one.settings.setLogLevel(test.root, n % 2 ? 'warn' : 'error', client),
      ),
      ...Array.from({ length: 10 }, (_, n) =>
        two.settings.setMaintenance(other, { on: true, message: `${n}` }, client),
      ),
    ])
    const { logLevel, maintenance } = await two.settings.read(other)
    expect(['warn', 'error']).toContain(logLevel)
    expect(maintenance?.by).toBe(other.userId)
    await eventually(() => JSON.stringify(last(test.one)) === JSON.stringify({ logLevel, maintenance }))
    await eventually(() => JSON.stringify(last(two)) === JSON.stringify({ logLevel, maintenance }))
  })

  it('are written down with who changed them, unless nothing changes', async () => {
    await using test = await open()
    const { one, root } = test
    await one.settings.setMaintenance(root, end, client)
    await one.settings.setLogLevel(root, null, client)
    expect(await auditLines(one)).toEqual([])
    for (let n = 0; n < 2; n += 1) await one.settings.setLogLevel(root, 'warn', client)
    await one.settings.setMaintenance(root, begin, client)
    await one.settings.setMaintenance(root, end, client)
    const line = { actorId: root.userId, subjectId: null, ip: client.ip, outcome: 'SUCCESS' }
    expect((await auditLines(one)).toReversed()).toMatchObject([
      { ...line, event: 'LOG_LEVEL_SET', details: { level: 'warn' } },
      { ...line, event: 'MAINTENANCE_BEGUN' },
      { ...line, event: 'MAINTENANCE_ENDED' },
    ])
  })

  it('are changed by administrators in person who have just shown who they are', async () => {
    await using test = await open()
    const { one } = test
    const stale = await test.newUser(admin)
    const demoted = await test.newUser({ roles: ['user'] })
    test.clock.advance(5 * 60_000)
    const root = await test.newUser(admin)
    const refused = [
      [anonymous, 'UNAUTHENTICATED'],
      [{ kind: 'anonymous', refused: 'SESSION_REVOKED' }, 'SESSION_REVOKED'],
      [await test.newUser(), 'INSUFFICIENT_SCOPE'],
      [{ ...root, kind: 'apiKey', sessionId: null, keyId: 'key_1' }, 'FORBIDDEN'],
      [{ ...root, scopes: ['jobs:read'] }, 'INSUFFICIENT_SCOPE'],
      // Since the request came in.
      [{ ...demoted, ...somebody(admin), userId: demoted.userId, sessionId: demoted.sessionId }, 'INSUFFICIENT_SCOPE'],
      [stale, 'STEP_UP_REQUIRED'],
    ] as const
    for (const [by, code] of refused) {
      await expect(one.settings.setLogLevel(by, 'debug', client)).rejects.toMatchObject({ code })
      await expect(one.settings.setMaintenance(by, begin, client)).rejects.toMatchObject({ code })
    }
    expect(await one.settings.read(root)).toEqual({ logLevel: null, maintenance: null })
    expect(await auditLines(one)).toEqual([])
  })

  it('are read by administrators', async () => {
    await using test = await open()
    const { one, root } = test
    await expect(one.settings.read(anonymous)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(one.settings.read(await test.newUser())).rejects.toMatchObject({ code: 'INSUFFICIENT_SCOPE' })
    expect(await one.settings.read({ ...root, kind: 'apiKey', sessionId: null })).toMatchObject({ logLevel: null })
  })

  it('take no message that cannot be told', async () => {
    await using test = await open()
    const { one, root } = test
    for (const message of ['', ' \n', 'a\u0000', 'a\tb', '\ud800', '\u202e', 'x'.repeat(501), 'x'.repeat(1_000_000)]) {
      for (const on of [true, false]) {
        await expect(one.settings.setMaintenance(root, { on, message }, client)).rejects.toMatchObject({
          code: 'INVALID_INPUT',
          message:
            'The input is not valid. message: Must have 1 to 500 characters; line breaks are the only control characters allowed.',
        })
      }
    }
    expect(one.settings.maintenance()).toBeNull()
    await one.settings.setMaintenance(root, { on: true, message: `  Soon.\n${'x'.repeat(494)} ` }, client)
    expect(one.settings.maintenance()?.message).toBe(`Soon.\n${'x'.repeat(494)}`)
    await one.settings.setMaintenance(root, end, client)
    await one.settings.setMaintenance(root, { on: true, message: null }, client)
    expect(one.settings.maintenance()?.message).toBe('The server is being maintained: nothing can be changed for now.')
  })

  it('are changed 60 times a minute by one user at most', async () => {
    await using test = await open()
    const { one, root } = test
    await Promise.all(Array.from({ length: 60 }, () => one.settings.setLogLevel(root, 'warn', client)))
    await expect(one.settings.setMaintenance(root, begin, client)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await one.settings.setLogLevel(await test.newUser(admin), 'error', client)
    expect(last(one)).toEqual({ logLevel: 'error', maintenance: null })
  })

  it.each(['no JSON', '[]', '1', 'null', '{"logLevel":"loud","maintenance":{"message":1}}'])(
    'are unset where the store has %s',
    async (text) => {
      await using test = await open()
      await test.one.store.write(({ settings }) => settings.set('runtimeSettings', text))
      const later = await test.start()
      expect(last(later)).toEqual({ logLevel: null, maintenance: null })
      expect(await later.settings.setLogLevel(test.root, 'warn', client)).toEqual({
        logLevel: 'warn',
        maintenance: null,
      })
    },
  )

  it('hold as they were last read while the store cannot be read, which the log says once', async () => {
    await using test = await open()
    const two = await test.start()
    await test.one.settings.setLogLevel(test.root, 'warn', client)
    await eventually(() => last(two)?.logLevel === 'warn')
    await two.store[Symbol.asyncDispose]()
    const lines = () => two.logger.lines.filter(({ message }) => message.startsWith('The runtime settings'))
    await test.one.settings.setLogLevel(test.root, 'error', client)
    for (let n = 0; n < 3; n += 1) await two.look()
    expect(last(two)?.logLevel).toBe('warn')
    expect(lines()).toHaveLength(1)
  })
})
