import { describe, expect, it } from 'vitest'
import { createClientIp } from '../../../../src/server/http/client-ip.ts'

describe('the address of the client', () => {
  const direct = createClientIp([])
  const behind = createClientIp(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'])

  it('is that of the peer where no proxy is trusted', () => {
    expect(direct('203.0.113.5', ['198.51.100.1'])).toBe('203.0.113.5')
  })

  it('is that of the peer when the peer is no trusted proxy', () => {
    expect(behind('203.0.113.5', ['198.51.100.1'])).toBe('203.0.113.5')
  })

  it.each([
    ['one proxy', '10.0.0.1', ['198.51.100.1'], '198.51.100.1'],
    ['an address that the client made up', '10.0.0.1', ['1.1.1.1, 198.51.100.1'], '198.51.100.1'],
    ['several proxies', '10.0.0.1', ['1.1.1.1, 198.51.100.1, 192.0.2.1, 10.9.9.9'], '198.51.100.1'],
    ['a header in several lines', '10.0.0.1', ['198.51.100.1', '10.9.9.9'], '198.51.100.1'],
    ['nothing but proxies', '10.0.0.1', ['10.0.0.7, 10.0.0.8'], '10.0.0.7'],
    ['no header', '10.0.0.1', [], '10.0.0.1'],
    ['what is no address', '10.0.0.1', ['198.51.100.1, unknown'], '10.0.0.1'],
    ['an empty header', '10.0.0.1', [''], '10.0.0.1'],
    ['ports', '10.0.0.1', ['198.51.100.1:55555'], '198.51.100.1'],
    ['IPv6 in brackets', '2001:db8::5', ['[2606:4700::1]:443'], '2606:4700::1'],
    ['IPv6', '2001:db8::5', ['2606:4700::1'], '2606:4700::1'],
    ['an IPv4 peer on an IPv6 socket', '::ffff:10.0.0.1', ['198.51.100.1'], '198.51.100.1'],
  ])('behind trusted proxies with %s', (_, peer, forwarded, expected) => {
    expect(behind(peer, forwarded)).toBe(expected)
  })

  it('looks at the last 32 hops only', () => {
    const hops = ['198.51.100.1', ...Array.from({ length: 40 }, () => '10.0.0.2')].join(',')
    expect(behind('10.0.0.1', [hops])).toBe('10.0.0.2')
  })

  it('is unknown on a local socket', () => {
    expect(direct(undefined, [])).toBeNull()
  })

  it('has no zone', () => {
    expect(direct('fe80::1%eth0', [])).toBe('fe80::1')
  })
})
