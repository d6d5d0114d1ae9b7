import { describe, expect, it } from 'vitest'
import { networkOf, signInKeys, wideNetworkOf } from '../../../src/services/accounts/limits/limiter-keys.ts'

describe('the network that attempts are counted for', () => {
  it.each([
    ['192.0.2.7', '192.0.2.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['not an address', 'unknown'],
    [null, 'unknown'],
  ])('of %s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network)
  })

  it('is the same for every address of one /64 and of one /24', () => {
    expect(networkOf('2001:db8:1:2::1')).toBe(networkOf('2001:db8:1:2:ffff:ffff:ffff:ffff'))
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'))
    expect(networkOf('192.0.2.1')).toBe(networkOf('192.0.2.255'))
    expect(networkOf('192.0.2.1')).not.toBe(networkOf('192.0.3.1'))
  })
})

describe('the wide network that attempts are counted for', () => {
  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:0DB8:0001:ffff::9', '2001:db8:1::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['192.0.2.7', null],
    ['::ffff:192.0.2.7', null],
    ['not an address', null],
    [null, null],
  ])('of %s is %s', (ip, network) => {
    expect(wideNetworkOf(ip)).toBe(network)
  })
})

describe('whose failures a sign-in counts as', () => {
  const origin = { account: 'ada@example.com', network: '192.0.2.0/24' }

  it('is the account as a whole, and the account as seen from the network', () => {
    expect(signInKeys({ ...origin, knownDevice: null })).toEqual([
      { key: 'sign-in ada@example.com from 192.0.2.0/24', failuresPerWait: 5 },
      'sign-in ada@example.com',
    ])
  })

  it('is a known device alone', () => {
    expect(signInKeys({ ...origin, knownDevice: 'hash' })).toEqual(['sign-in ada@example.com from device hash'])
  })
})
