import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous, type KnownPrincipal, type Principal } from '../../../src/core/principal.ts'
import { formatCursor } from '../../../src/core/cursor.ts'
import type { ChannelEvent } from '../../../src/services/channels/channel-event.ts'
import type { StreamItem } from '../../../src/services/streams/stream.ts'
import { openTestChannels, takeItems, type TestChannels } from './open-channels.ts'

const name = 'chat/lobby'

/** Says these things one after the other; the cursors after each. */
async function say(test: TestChannels, who: KnownPrincipal, ...bodies: readonly unknown[]): Promise<readonly string[]> {
  const cursors: string[] = []
  for (const body of bodies) {
    const { cursor } = await test.channels.publish(who, { channel: name, body, idempotencyKey: null })
    cursors.push(cursor)
  }
  return cursors
}

/** What an item says, in short. */
function tell({ body }: StreamItem): unknown {
  const event = body as unknown as ChannelEvent // what the topic has
  return event.type === 'ChannelSnapshot' ? event.messages.map((message) => message.body) : event.message.body
}

async function heard(
  test: TestChannels,
  who: Principal,
  count: number,
  {
    last = 0,
    after = null,
    onGap = 'snapshot',
  }: { last?: number; after?: string | null; onGap?: 'snapshot' | 'error' } = {},
): Promise<readonly StreamItem[]> {
  const resume = after === null ? null : { after, onGap }
  return takeItems(await test.channels.watch(who, { name, last, resume }), count)
}

describe('listening to a channel', () => {
  it('opens with as many of the newest messages as are asked for, and goes on with each', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    await say(test, ada, 1, 2, 3)
    for (const [last, shown] of [
      [0, []],
      [2, [2, 3]],
      [100, [1, 2, 3]],
    ] as const) {
      const stream = await test.channels.watch(ada, { name, last, resume: null })
      const [snapshot] = [await stream.next()]
      expect(snapshot.value?.body).toMatchObject({ type: 'ChannelSnapshot', channel: name, at: test.clock.now() })
      expect(snapshot.value === undefined ? null : tell(snapshot.value)).toEqual(shown)
      await say(test, ada, 'next')
      const [item] = await takeItems(stream, 1)
      expect(item && tell(item)).toBe('next')
      // So that the next round begins as this one did.
      await test.store.write(({ log }) => log.remove(`channel:${name}`))
      await say(test, ada, 1, 2, 3)
    }
  })

  it('to a channel that nobody wrote on opens with nothing, leaves nothing behind, and hears the first message', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const stream = await test.channels.watch(ada, { name, last: 10, resume: null })
    const { value } = await stream.next()
    expect(value && tell(value)).toEqual([])
    const [blank, head] = await test.store.read(async ({ log }) => [
      await log.head('none'),
      await log.head(`channel:${name}`),
    ])
    expect(head).toEqual(blank)
    await say(test, ada, 'first')
    expect((await takeItems(stream, 1)).map(tell)).toEqual(['first'])
    // Nor is that cursor worth less.
    expect((await heard(test, ada, 1, { after: value?.cursor ?? '' })).map(tell)).toEqual(['first'])
  })

  it('shows no message that is past keeping, by number or by time', async () => {
    await using test = await openTestChannels({ table: 'chat/* listen=signed-in publish=signed-in hours=1 messages=3' })
    const ada = await test.newUser()
    await say(test, ada, 1, 2, 3, 4, 5)
    expect((await heard(test, ada, 1, { last: 100 })).map(tell)).toEqual([[3, 4, 5]])
    test.clock.advance(3_600_000 - 1)
    await say(test, ada, 6)
    expect((await heard(test, ada, 1, { last: 100 })).map(tell)).toEqual([[4, 5, 6]])
    test.clock.advance(1)
    expect((await heard(test, ada, 1, { last: 100 })).map(tell)).toEqual([[6]])
  })

  it('opens with no more than 256 KiB of messages', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    await say(test, ada, ...Array.from({ length: 10 }, (_, n) => `${n}${'x'.repeat(60_000)}`))
    const [snapshot] = await heard(test, ada, 1, { last: 100 })
    const shown = snapshot === undefined ? [] : (tell(snapshot) as string[]) // texts were said
    expect(shown.map((text) => text[0])).toEqual(['6', '7', '8', '9'])
  })

  it('asks for a number of messages from 0 to 100', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    for (const last of [-1, 101, 0.5, Number.NaN, 1e308]) {
      await expect(test.channels.watch(ada, { name: 'chat', last, resume: null })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        issues: [{ path: ['name'] }, { path: ['last'], message: 'Must be a whole number from 0 to 100.' }],
      })
    }
  })
})

describe('coming back to a channel', () => {
  it('gets what was published meanwhile', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const [after = ''] = await say(test, ada, 1, 2, 3)
    const items = await heard(test, ada, 2, { after, last: 5 })
    expect(items.map(tell)).toEqual([2, 3])
    expect(items[0]?.opening).toEqual({ status: 'recovered', gap: false, replayed: 2 })
  })

  it('after too long is told of the gap, with the newest messages, or refused where that was wanted', async () => {
    await using test = await openTestChannels({ table: 'chat/* listen=signed-in publish=signed-in hours=1' })
    const ada = await test.newUser()
    const [after = ''] = await say(test, ada, 1, 2)
    test.clock.advance(3_600_000)
    await test.store.write(({ log }) => log.tidy(test.clock.now(), 10))
    await say(test, ada, 3)
    const [item] = await heard(test, ada, 1, { after, last: 5 })
    expect(item?.opening).toMatchObject({ status: 'snapshot', gap: true })
    expect(item && tell(item)).toEqual([3])
    await expect(heard(test, ada, 1, { after, onGap: 'error' })).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  })

  it('with a cursor of another channel, or one that is none, is refused', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    await say(test, ada, 1)
    await test.channels.publish(ada, { channel: 'chat/attic', body: 1, idempotencyKey: null })
    const { epoch } = await test.store.read(({ log }) => log.head('channel:chat/attic'))
    const foreign = formatCursor({ epoch, offset: 1 })
    await expect(heard(test, ada, 1, { after: foreign, onGap: 'error' })).rejects.toMatchObject({
      code: 'CURSOR_EPOCH',
    })
    await expect(heard(test, ada, 1, { after: 'nonsense' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
  })

  it('is asked again whether it may', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const [after = ''] = await say(test, ada, 1)
    await expect(heard(test, anonymous, 1, { after })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('finds the log of a channel gone that was silent for four weeks after all on it was forgotten', async () => {
    await using test = await openTestChannels()
    const ada = await test.newUser()
    const [after = ''] = await say(test, ada, 1)
    const tidy = () => test.store.write(({ log }) => log.tidy(test.clock.now(), 10))
    const head = () => test.store.read(({ log }) => log.head(`channel:${name}`))
    test.clock.advance(29 * 24 * 3_600_000 - 1)
    await tidy()
    expect(await head()).toMatchObject({ offset: 1, oldest: 2 })
    test.clock.advance(1)
    await tidy()
    expect(await head()).toMatchObject({ offset: 0 })
    const [item] = await heard(test, ada, 1, { after })
    expect(item?.opening).toMatchObject({ status: 'snapshot', gap: true })
  })
})

describe('who may listen', () => {
  it('is said by the table', async () => {
    const table =
      'a/* listen=public publish=admin; b/* listen=signed-in publish=signed-in; c/* listen=owner publish=owner; d/* listen=admin publish=nobody; e/* listen=public publish=owner'
    await using test = await openTestChannels({ table })
    const [ada, eve, root] = [
      await test.newUser(),
      await test.newUser(),
      await test.newUser({ roles: ['user', 'admin'] }),
    ]
    const key = { ...root, kind: 'apiKey', sessionId: null, keyId: newId('apiKey') } as const
    const people: Readonly<Record<string, Principal>> = {
      nobody: anonymous,
      signedOut: { kind: 'anonymous', refused: 'SESSION_REVOKED' },
      ada,
      eve,
      root,
      enrolling: { ...eve, scopes: ['account:read'], mustEnrol: true },
      keyWithout: { ...key, scopes: ['channels:publish', 'admin'] },
      keyWith: { ...key, scopes: ['channels:read'] },
      keyOfAll: { ...key, scopes: ['channels:read', 'admin'] },
    }
    const codes = async (channel: string) => {
      const answers = Object.entries(people).map(async ([who, principal]) => {
        const watching = test.channels.watch(principal, { name: channel, last: 1, resume: null })
        const code = await watching.then(
          async (stream) => (await takeItems(stream, 1)).length === 1 && 'ok',
          (error: unknown) => String((error as { code?: unknown }).code), // a refusal
        )
        return [who, code] as const
      })
      return Object.fromEntries(await Promise.all(answers))
    }
    const all = (code: string) => Object.fromEntries(Object.keys(people).map((who) => [who, code]))
    const guarded = {
      ...all('ok'),
      nobody: 'UNAUTHENTICATED',
      signedOut: 'SESSION_REVOKED',
      enrolling: 'MFA_ENROLMENT_REQUIRED',
      keyWithout: 'INSUFFICIENT_SCOPE',
    }
    expect(await codes('a/x')).toEqual(all('ok'))
    expect(await codes('b/x')).toEqual(guarded)
    const missing = 'NOT_FOUND'
    const hidden = { ...guarded, eve: missing, root: missing, keyWith: missing, keyOfAll: missing }
    expect(await codes(`c/${ada.userId}/x`)).toEqual(hidden)
    // That there is no such user is as little told as that there is one.
    expect(await codes(`c/${newId('user')}`)).toEqual({ ...hidden, ada: missing })
    const forAdministrators = { ...guarded, ada: 'FORBIDDEN', eve: 'FORBIDDEN', keyWith: 'INSUFFICIENT_SCOPE' }
    expect(await codes('d/x')).toEqual(forAdministrators)
    expect(await codes(`e/${ada.userId}`)).toEqual(all('ok'))
    for (const none of ['x/x', 'c/ada', 'e/ada']) expect([none, await codes(none)]).toEqual([none, all(missing)])
  })
})
