import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { somebody } from '../../support/principals.ts'
import { openTestChannels } from './open-channels.ts'

const wish = (changes: object = {}) => ({
  channel: 'chat/lobby',
  body: { text: 'hi' },
  idempotencyKey: null,
  ...changes,
})

describe('publishing a message', () => {
  it('puts it into the log of its channel, and answers it with the place after it', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const { message, cursor } = await test.channels.publish(ada, wish())
    expect(message).toEqual({
      id: expect.stringMatching(/^msg_/),
      channel: 'chat/lobby',
      senderId: ada.userId,
      sentAt: test.clock.now(),
      body: { text: 'hi' },
    })
    const [event] = await test.store.read(({ log }) => log.read('channel:chat/lobby', 0, 10))
    expect(event).toMatchObject({ offset: 1, body: { type: 'MessagePublished', message }, last: false })
    expect(cursor).toBe(`c1.${event?.epoch}.1`)
    expect((await test.channels.publish(ada, wish())).cursor).toBe(`c1.${event?.epoch}.2`)
  })

  it('takes any JSON for a body, and gives it back as it was', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    for (const body of [
      null,
      '',
      0,
      -1.5e-7,
      true,
      [],
      {},
      [[{ a: [null] }]],
      '\u0000\ud800 😀',
      { type: 'x', __proto: 1 },
    ]) {
      expect((await test.channels.publish(ada, wish({ body }))).message.body).toEqual(body)
    }
    const events = await test.store.read(({ log }) => log.read('channel:chat/lobby', 0, 100))
    expect(events).toHaveLength(10)
    expect(events[8]?.body).toMatchObject({ message: { body: '\u0000\ud800 😀' } })
  })

  it('asks for somebody with the scope channels:publish', async () => {
    await using test = await openTestChannels()
    const publish = test.channels.publish
    const refused = { kind: 'anonymous', refused: 'SESSION_REVOKED' } as const
    await expect(publish(anonymous, wish({ channel: 'public/x' }))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(publish(refused, wish())).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
    await expect(publish(somebody({ scopes: ['channels:read'] }), wish())).rejects.toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
      message: 'The credential lacks the scope channels:publish.',
    })
    const mustEnrol = somebody({ scopes: ['account:read'], mustEnrol: true })
    await expect(publish(mustEnrol, wish())).rejects.toMatchObject({ code: 'MFA_ENROLMENT_REQUIRED' })
  })

  it('tells everything that is wrong with it at once, and leaves nothing behind', async () => {
    await using test = await openTestChannels({ maxBytes: 20 })
    const ada = await test.newUser()
    const bad = { channel: 'chat', body: 'x'.repeat(19), idempotencyKey: 'a\nb' }
    await expect(test.channels.publish(ada, bad)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [
        {
          path: ['channel'],
          message:
            'Must be 2 to 8 parts of letters, digits and ._~- with a slash between them, at most 128 characters in all.',
        },
        { path: ['body'], message: 'Has 21 bytes of JSON; at most 20 are allowed.' },
        {
          path: ['idempotencyKey'],
          message: 'Must have 1 to 200 characters, none of them a control character.',
        },
      ],
    })
    expect((await test.channels.publish(ada, wish({ body: 'x'.repeat(18) }))).message.body).toHaveLength(18)
    await expect(test.channels.publish(ada, wish({ body: 'é'.repeat(10) }))).rejects.toMatchObject({
      issues: [{ message: 'Has 22 bytes of JSON; at most 20 are allowed.' }],
    })
  })

  it.each([
    '',
    'chat',
    'chat/',
    '/chat',
    'chat//x',
    'chat/..',
    'chat/.',
    'chat/a b',
    'chat/ä',
    'chat/%41',
    'chat/a\u0000',
    'chat/a\n',
    'chat/*',
    `chat/${'x'.repeat(124)}`,
    'a/b/c/d/e/f/g/h/i',
    'x'.repeat(1_000_000),
  ])('takes %j for no name', async (channel) => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const bad = { code: 'INVALID_INPUT' }
    await expect(test.channels.publish(ada, wish({ channel }))).rejects.toMatchObject(bad)
    await expect(test.channels.watch(ada, { name: channel, last: 0, resume: null })).rejects.toMatchObject(bad)
  })

  it('takes what is no JSON, or nests as deep as only an attacker would, for no body', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const mistakeOf = async (body: unknown) => {
      const [outcome] = await Promise.allSettled([test.channels.publish(ada, wish({ body }))])
      return outcome.status === 'rejected' ? (outcome.reason as object) : {} // a refusal
    }
    const told = (message: string) => ({ code: 'INVALID_INPUT', issues: [{ path: ['body'], message }] })
    expect(await mistakeOf({ n: [Number.POSITIVE_INFINITY] })).toMatchObject(told('Must be JSON.'))
    expect(await mistakeOf(undefined)).toMatchObject(told('Must be JSON.'))
    const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    expect(await mistakeOf(nested(64))).toEqual({})
    expect(await mistakeOf(nested(65))).toMatchObject(told('Nests deeper than 64 levels.'))
    expect(await mistakeOf(nested(5000))).toMatchObject(told('Nests deeper than 64 levels.'))
  })

  it('is over for an account that was deleted meanwhile', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    await test.store.write(({ accounts }) => accounts.deleteUser(ada.userId))
    for (const idempotencyKey of [null, 'k']) {
      await expect(test.channels.publish(ada, wish({ idempotencyKey }))).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      })
    }
  })
})

describe('an idempotency key', () => {
  const keyed = (changes: object = {}) => wish({ idempotencyKey: 'once', ...changes })
  const count = async (test: Awaited<ReturnType<typeof openTestChannels>>, channel = 'chat/lobby') =>
    (await test.store.read(({ log }) => log.head(`channel:${channel}`))).offset

  it('gives the same message again for the same body, whatever the order of its keys, and later too', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const first = await test.channels.publish(ada, keyed({ body: { a: 1, b: [2] } }))
    test.clock.advance(24 * 3_600_000 - 1)
    const again = await test.channels.publish(ada, keyed({ body: { b: [2], a: 1 } }))
    expect(again).toEqual(first)
    expect(await count(test)).toBe(1)
  })

  it('gives one message to twenty who use it at once', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const all = await Promise.all(Array.from({ length: 20 }, () => test.channels.publish(ada, keyed())))
    expect(new Set(all.map(({ message, cursor }) => `${message.id} ${cursor}`)).size).toBe(1)
    expect(await count(test)).toBe(1)
  })

  it('is a conflict with another body, and publishes nothing', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const [first, second] = await Promise.allSettled([
      test.channels.publish(ada, keyed()),
      test.channels.publish(ada, keyed({ body: { text: 'ho' } })),
    ])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({
      reason: {
        code: 'IDEMPOTENCY_CONFLICT',
        message: 'The idempotency key was already used with another input.',
      },
    })
    expect(await count(test)).toBe(1)
  })

  it('is per user and per channel, and for 24 hours', async () => {
    await using test = await openTestChannels()
    const [ada, eve] = [await test.newUser(), await test.newUser()]
    const first = await test.channels.publish(ada, keyed())
    const others = [
      await test.channels.publish(eve, keyed({ body: 'another' })),
      await test.channels.publish(ada, keyed({ channel: 'chat/attic' })),
    ]
    test.clock.advance(24 * 3_600_000)
    const later = await test.channels.publish(ada, keyed({ body: 'another' }))
    const ids = [first, ...others, later].map(({ message }) => message.id)
    expect(new Set(ids).size).toBe(4)
  })

  it('that came to nothing is free', async () => {
    await using test = await openTestChannels({ maxBytes: 100 })
    const ada = await test.newUser()
    await expect(test.channels.publish(ada, keyed({ body: 'x'.repeat(100) }))).rejects.toThrow('102 bytes')
    await expect(test.channels.publish(ada, keyed({ channel: 'public/x' }))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    await test.channels.publish(ada, keyed())
    expect(await count(test)).toBe(1)
  })

  it('is forgotten by the sweep once it has expired, and with its user', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const first = await test.channels.publish(ada, keyed())
    await test.sweep()
    expect(await test.channels.publish(ada, keyed())).toEqual(first)
    test.clock.advance(24 * 3_600_000)
    await test.sweep()
    expect(await test.store.write(({ idempotencyKeys }) => idempotencyKeys.purge(test.clock.now(), 10))).toBe(0)
  })
})

describe('the limits of publishing', () => {
  it('are those of a user, whatever the channel, and refusals count', async () => {
    await using test = await openTestChannels({ messagesPerMinuteByUser: 3 })
    const [ada, eve] = [await test.newUser(), await test.newUser()]
    await test.channels.publish(ada, wish())
    await test.channels.publish(ada, wish({ channel: 'chat/attic' }))
    await expect(test.channels.publish(ada, wish({ channel: 'nothing/x' }))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(test.channels.publish(ada, wish())).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: expect.any(Number),
    })
    await test.channels.publish(eve, wish())
  })

  it('are those of a channel, whoever publishes; who may not, does not use it up', async () => {
    await using test = await openTestChannels({ messagesPerMinuteByChannel: 2 })
    const [ada, eve] = [await test.newUser(), await test.newUser({ roles: ['user', 'admin'] })]
    for (let n = 0; n < 3; n += 1)
      await expect(test.channels.publish(ada, wish({ channel: 'public/x' }))).rejects.toMatchObject({
        code: 'FORBIDDEN',
      })
    for (const channel of ['public/x', 'chat/lobby']) {
      for (let n = 0; n < 2; n += 1) await test.channels.publish(eve, wish({ channel }))
      await expect(test.channels.publish(eve, wish({ channel }))).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    }
    await expect(test.channels.publish(ada, wish())).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await test.channels.publish(ada, wish({ channel: 'chat/attic' }))
  })

  it('are those of the bytes that one user may fill the log with', async () => {
    await using test = await openTestChannels({ bytesPerHourByUser: 2000 })
    const [ada, eve] = [await test.newUser(), await test.newUser()]
    const body = 'x'.repeat(486)
    for (const channel of ['chat/a', 'chat/b']) await test.channels.publish(ada, wish({ channel, body }))
    await expect(test.channels.publish(ada, wish({ channel: 'chat/c' }))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
    await test.channels.publish(eve, wish())
  })
})

describe('the limit of new channels', () => {
  const names = (count: number) => Array.from({ length: count }, (_, n) => `chat/new-${n}`)
  const refusal = {
    code: 'RATE_LIMITED',
    retryAfterSeconds: expect.any(Number),
    message: expect.stringMatching(
      /^You have begun as many new channels as are allowed a day; wait 8\d{4} seconds, or publish on one that is there\.$/,
    ),
  }

  it('is that of a user, and is told in a sentence of its own; nothing is left of what was refused', async () => {
    await using test = await openTestChannels({ newChannelsPerDayByUser: 2 })
    const [ada, eve] = [await test.newUser(), await test.newUser()]
    for (const channel of names(2)) await test.channels.publish(ada, wish({ channel }))
    const third = wish({ channel: 'chat/third', idempotencyKey: 'k' })
    await expect(test.channels.publish(ada, third)).rejects.toMatchObject(refusal)
    const { offset, epoch } = await test.store.read(({ log }) => log.head('channel:chat/third'))
    expect([offset, epoch]).toEqual([0, (await test.store.read(({ log }) => log.blanks()))[0]])
    await test.channels.publish(eve, third)
    // Now it is there, and the key that was refused stands for nothing.
    await test.channels.publish(ada, { ...third, body: 'another' })
  })

  it('is no matter of channels that are there, of what is sent again, nor of what is refused', async () => {
    await using test = await openTestChannels({ newChannelsPerDayByUser: 2 })
    const [ada, eve] = [await test.newUser(), await test.newUser()]
    for (const channel of names(2)) await test.channels.publish(eve, wish({ channel }))
    for (const channel of [...names(2), ...names(2)]) await test.channels.publish(ada, wish({ channel }))
    const keyed = wish({ channel: 'chat/first', idempotencyKey: 'k' })
    const first = await test.channels.publish(ada, keyed)
    for (let n = 0; n < 3; n += 1) expect(await test.channels.publish(ada, keyed)).toEqual(first)
    for (const [channel, code] of [
      ['public/x', 'FORBIDDEN'],
      ['nothing/x', 'NOT_FOUND'],
      ['chat', 'INVALID_INPUT'],
      [`user/${eve.userId}`, 'NOT_FOUND'],
    ] as const)
      await expect(test.channels.publish(ada, wish({ channel }))).rejects.toMatchObject({ code })
    await test.channels.publish(ada, wish({ channel: 'chat/second' }))
    await expect(test.channels.publish(ada, wish({ channel: 'chat/third' }))).rejects.toMatchObject(refusal)
    await test.channels.publish(ada, wish({ channel: 'chat/second' }))
  })

  it('holds for fifty at once', async () => {
    await using test = await openTestChannels({ newChannelsPerDayByUser: 7 })
    const ada = await test.newUser()
    const outcomes = await Promise.allSettled(names(50).map((channel) => test.channels.publish(ada, wish({ channel }))))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(7)
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    expect(reasons).toMatchObject(Array.from({ length: 43 }, () => refusal))
    const heads = await test.store.read(({ log }) => log.heads(names(50).map((name) => `channel:${name}`)))
    expect([...heads.values()].filter(({ offset }) => offset > 0)).toHaveLength(7)
  })

  it('counts a channel once that fifty messages begin at once, with a key or without', async () => {
    await using test = await openTestChannels({ newChannelsPerDayByUser: 3 })
    const ada = await test.newUser()
    for (const [channel, idempotencyKey] of [
      ['chat/a', null],
      ['chat/b', 'k'],
    ] as const)
      await Promise.all(Array.from({ length: 50 }, () => test.channels.publish(ada, wish({ channel, idempotencyKey }))))
    await test.channels.publish(ada, wish({ channel: 'chat/c' }))
    await expect(test.channels.publish(ada, wish({ channel: 'chat/d' }))).rejects.toMatchObject(refusal)
  })

  it('counts a channel again that was idle for so long that its log was removed', async () => {
    await using test = await openTestChannels({ newChannelsPerDayByUser: 1 })
    const ada = await test.newUser()
    await test.channels.publish(ada, wish())
    test.clock.advance(30 * 24 * 3_600_000)
    while ((await test.store.write(({ log }) => log.tidy(test.clock.now(), 100))) > 0);
    await expect(test.channels.publish(ada, wish())).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })
})

describe('the keys of a user', () => {
  it('are no more than the messages that were published, whatever is tried', async () => {
    await using test = await openTestChannels({ messagesPerMinuteByUser: 5, newChannelsPerDayByUser: 3 })
    const ada = await test.newUser()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        test.channels.publish(ada, wish({ channel: n % 2 === 0 ? 'chat/a' : `chat/${n}`, idempotencyKey: `${n}` })),
      ),
    )
    const published = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(published).toBeGreaterThan(0)
    expect(published).toBeLessThanOrEqual(5)
    test.clock.advance(24 * 3_600_000)
    expect(await test.store.write(({ idempotencyKeys }) => idempotencyKeys.purge(test.clock.now(), 100))).toBe(
      published,
    )
  })
})

describe('who may publish', () => {
  const administrator = { roles: ['user', 'admin'] } as const

  it('is said by the table', async () => {
    const table =
      'a/* listen=public publish=admin; b/* listen=signed-in publish=signed-in; c/* listen=owner publish=owner; d/* listen=owner publish=admin; e/* listen=public publish=owner; f/one listen=public publish=nobody'
    await using test = await openTestChannels({ table })
    const [ada, eve, root] = [await test.newUser(), await test.newUser(), await test.newUser(administrator)]
    const key = { kind: 'apiKey', sessionId: null, keyId: newId('apiKey') } as const
    const program = { ...root, ...key, scopes: ['channels:publish'] } as const
    const rootProgram = { ...program, scopes: ['channels:publish', 'admin'] } as const
    const own = ada.userId
    const codeOf = (who: typeof ada, channel: string) =>
      test.channels.publish(who, wish({ channel })).then(
        () => 'ok',
        (error: unknown) => String((error as { code?: unknown }).code), // a refusal
      )
    const codes = async (channel: string) => ({
      ada: await codeOf(ada, channel),
      eve: await codeOf(eve, channel),
      root: await codeOf(root, channel),
      program: await codeOf(program, channel),
      rootProgram: await codeOf(rootProgram, channel),
    })
    const all = (code: string) => ({ ada: code, eve: code, root: code, program: code, rootProgram: code })
    expect(await codes('a/x')).toEqual({
      ...all('FORBIDDEN'),
      root: 'ok',
      program: 'INSUFFICIENT_SCOPE',
      rootProgram: 'ok',
    })
    expect(await codes('b/x/y/z')).toEqual(all('ok'))
    expect(await codes(`c/${own}`)).toEqual({ ...all('NOT_FOUND'), ada: 'ok' })
    expect(await codes(`c/${own}/x`)).toEqual({ ...all('NOT_FOUND'), ada: 'ok' })
    const inbox = { ...all('NOT_FOUND'), ada: 'FORBIDDEN', root: 'ok', rootProgram: 'ok' }
    expect(await codes(`d/${own}/inbox`)).toEqual(inbox)
    expect(await codes(`e/${own}`)).toEqual({ ...all('FORBIDDEN'), ada: 'ok' })
    expect(await codes('f/one')).toEqual(all('FORBIDDEN'))
    for (const none of ['c/nobody', 'c/me/x', 'd/x', 'f/two', 'f/one/two', 'B/x', 'g/x'])
      expect([none, await codes(none)]).toEqual([none, all('NOT_FOUND')])
  })
})
