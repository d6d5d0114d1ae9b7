import { describe, expect, it } from 'vitest'
import { isRedisUrl, parseRedisUrl } from '../../../src/adapters/redis/redis-url.ts'
import { readConfig } from '../../../src/config.ts'

const plain = { isSecure: false, user: null, password: null, db: 0, sentinel: null }
const local = [{ host: 'localhost', port: 6379 }]

describe('the address of a Redis', () => {
  it.each([
    ['redis://localhost', { ...plain, endpoints: local }],
    ['redis://localhost/', { ...plain, endpoints: local }],
    ['redis://localhost:6380/7', { ...plain, db: 7, endpoints: [{ host: 'localhost', port: 6380 }] }],
    [
      'rediss://cache.example.com',
      { ...plain, isSecure: true, endpoints: [{ host: 'cache.example.com', port: 6379 }] },
    ],
    ['redis://[::1]:7000', { ...plain, endpoints: [{ host: '::1', port: 7000 }] }],
    ['redis://:secret@localhost', { ...plain, password: 'secret', endpoints: local }],
    ['redis://me:a%40b%2F%3A%23%25@localhost', { ...plain, user: 'me', password: 'a@b/:#%', endpoints: local }],
    ['redis://me:one:two@localhost', { ...plain, user: 'me', password: 'one:two', endpoints: local }],
    ['redis://me:p%C3%A9@localhost', { ...plain, user: 'me', password: 'pé', endpoints: local }],
  ])('%s is read', (text, address) => {
    expect(parseRedisUrl(text)).toEqual(address)
  })

  it('names Sentinels, each with its port or 26379, and the master', () => {
    expect(
      parseRedisUrl('rediss+sentinel://me:secret@s1,[fe80::1]:26380,10.0.0.3:5/main?db=2&sentinelPassword=a%26b'),
    ).toEqual({
      isSecure: true,
      user: 'me',
      password: 'secret',
      db: 2,
      endpoints: [
        { host: 's1', port: 26_379 },
        { host: 'fe80::1', port: 26_380 },
        { host: '10.0.0.3', port: 5 },
      ],
      sentinel: { name: 'main', user: null, password: 'a&b' },
    })
    expect(parseRedisUrl('redis+sentinel://s1/main')).toMatchObject({ db: 0, sentinel: { name: 'main' } })
  })

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis:/localhost',
    'redis://',
    'redis:///0',
    'redis://@localhost',
    'redis://:@localhost',
    'redis://secret@localhost',
    'redis://me:a@b@localhost',
    'redis://me:%@localhost',
    'redis://me:%ff@localhost',
    'redis://me:%0d%0aFLUSHALL@localhost',
    'redis://localhost:0',
    'redis://localhost:65536',
    'redis://localhost:six',
    'redis://local host',
    'redis://-localhost',
    'redis://[::1',
    'redis://::1',
    'redis://[nothing]',
    'redis://localhost/zero',
    'redis://localhost/-1',
    'redis://localhost/0/1',
    'redis://localhost?db=1',
    'redis://localhost#1',
    'redis://one,two',
    'redis+sentinel://s1',
    'redis+sentinel://s1/',
    'redis+sentinel://s1,/main',
    'redis+sentinel://s1/a%20name',
    'redis+sentinel://s1/main?db=x',
    'redis+sentinel://s1/main?db=1&db=2',
    'redis+sentinel://s1/main?timeout=1',
    'redis+sentinel://s1/main?sentinelUser=me',
    'redis+sentinel://s1/main?sentinelPassword=',
    'sentinel+redis://s1/main',
    ' redis://localhost',
    'REDIS://localhost',
  ])('is not %j', (text) => {
    expect([parseRedisUrl(text), isRedisUrl(text)]).toEqual([null, false])
  })

  it('is not repeated when it is refused as a setting', () => {
    const read = () => readConfig({ REDIS_URL: 'redis://me:hunter2@localhost:99999' })
    expect(read).toThrow('REDIS_URL')
    expect(read).not.toThrow('hunter2')
  })
})
