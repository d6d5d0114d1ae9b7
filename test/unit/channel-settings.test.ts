import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { findRow } from '../../src/services/channels/channel-table.ts'

/** The mistakes in a table, as they are told. */
function mistakesIn(table: string): readonly string[] {
  try {
    readConfig({ CHANNELS: table })
    return []
  } catch (error) {
    return String(error)
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
}

describe('the table of channels', () => {
  it('has rows for the public, for all users, and for each of them, where nothing is set', () => {
    const { table, maxBytes } = readConfig({}).channels
    expect(maxBytes).toBe(65_536)
    const keep = { ms: 24 * 3_600_000, events: 1000 }
    expect(table.map(({ segments, listen, publish }) => [segments.join('/'), listen, publish])).toEqual([
      ['public', 'public', 'admin'],
      ['chat', 'signed-in', 'signed-in'],
      ['user', 'owner', 'owner'],
      ['inbox', 'owner', 'admin'],
    ])
    expect(table.map((row) => row.keep)).toEqual([keep, keep, keep, keep])
  })

  it('is read row by row, and the first row that a name fits holds', () => {
    const { table } = readConfig({
      CHANNELS: `news/all listen=public publish=nobody hours=1 messages=10;
        news/desk/* publish=admin   listen=signed-in ; news/* listen=admin publish=admin;`,
    }).channels
    const rowOf = (name: string) => table.findIndex((row) => row === findRow(table, name))
    const names = ['news/all', 'news/all/x', 'news/desk', 'news/desk/x', 'news/desk/x/y', 'news', 'new/x', 'news/al']
    expect(names.map(rowOf)).toEqual([0, 2, 2, 1, 1, -1, -1, 2])
    expect(table[0]?.keep).toEqual({ ms: 3_600_000, events: 10 })
  })

  it('may be empty if that is said', () => {
    expect(readConfig({ CHANNELS: 'none' }).channels.table).toEqual([])
    expect(mistakesIn(';')).toEqual(['CHANNELS: has no rows; `none` says that there are no channels.'])
  })

  it('is refused with everything that is wrong with it, each in a sentence', () => {
    const table = [
      'chat listen=everybody publish=public',
      'a/* listen=public',
      'b/*/c listen=public publish=admin',
      'c/* listen=public publish=admin hours=0 messages=1e3 for=ever listen=admin loud',
      'd/x/* listen=owner publish=owner',
      'e/* listen=public publish=admin',
      'e/x/* listen=public publish=admin',
    ].join(';')
    expect(mistakesIn(table)).toEqual([
      'CHANNELS: in the row "chat listen=everybody publish=public", "chat" is no pattern: one is a name such as news/all, or the beginning of names such as chat/*.',
      'CHANNELS: in the row "chat listen=everybody publish=public", listen accepts public, signed-in, owner, admin, not "everybody".',
      'CHANNELS: in the row "chat listen=everybody publish=public", publish accepts signed-in, owner, admin, nobody, not "public".',
      'CHANNELS: in the row "a/* listen=public", publish= is missing; it accepts signed-in, owner, admin, nobody.',
      'CHANNELS: in the row "b/*/c listen=public publish=admin", "b/*/c" is no pattern: one is a name such as news/all, or the beginning of names such as chat/*.',
      ...['"for=ever"', 'listen', '"loud"', 'hours', 'messages'].map((what) =>
        expect.stringContaining(`loud", ${what}`),
      ),
      'CHANNELS: in the row "d/x/* listen=owner publish=owner", "owner" needs a pattern such as user/*, in which the second part of the name is the id of a user.',
      'CHANNELS: the row "e/x/* listen=public publish=admin" is never used: every name that fits it fits an earlier row.',
    ])
  })

  it.each([
    ['x/* listen=public publish=admin; x/* listen=public publish=admin', true],
    ['x/* listen=public publish=admin; x/y listen=public publish=admin', true],
    ['x/* listen=public publish=admin; x/y/* listen=public publish=admin', true],
    ['x/y listen=public publish=admin; x/y listen=public publish=admin', true],
    ['x/y listen=public publish=admin; x/* listen=public publish=admin', false],
    ['x/y listen=public publish=admin; x/y/* listen=public publish=admin', false],
    ['x/y/* listen=public publish=admin; x/y listen=public publish=admin', false],
    ['x/y/* listen=public publish=admin; x/* listen=public publish=admin', false],
    ['x/* listen=public publish=admin; y/* listen=public publish=admin', false],
  ])('%s: whether a row is never used is %s', (table, isTold) => {
    expect(mistakesIn(table).some((mistake) => mistake.includes('never used'))).toBe(isTold)
  })

  it('is not everything: the limits have settings, too', () => {
    const environment = {
      CHANNEL_MESSAGE_KB: '1.5',
      CHANNEL_USER_MESSAGES: '2',
      CHANNEL_MESSAGES: '3',
      CHANNEL_USER_MB: '0.5',
      CHANNEL_USER_NEW: '4',
    }
    expect(readConfig(environment).channels).toMatchObject({
      maxBytes: 1536,
      messagesPerMinuteByUser: 2,
      messagesPerMinuteByChannel: 3,
      bytesPerHourByUser: 524_288,
      newChannelsPerDayByUser: 4,
    })
    for (const name of Object.keys(environment)) {
      for (const wrong of ['0', '-1', 'many', '1e9'])
        expect(() => readConfig({ [name]: wrong })).toThrow(`${name}: accepts`)
    }
  })
})
