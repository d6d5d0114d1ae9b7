import { BlockList, isIP } from 'node:net'

/** The address of the client, given that of the peer and the values of `X-Forwarded-For`; `null` for a local socket. */
export type ClientIp = (peer: string | undefined, forwardedFor: readonly string[]) => string | null

/** How many hops are looked at: more proxies in a row are a forgery. */
const mostHops = 32

/**
 * Believes `X-Forwarded-For` from trusted proxies only, and of it only the right-most address that is not one of them:
 * everything to the left of that was written by the client. `trustedProxies` are addresses or CIDR ranges.
 */
export function createClientIp(trustedProxies: readonly string[]): ClientIp {
  const trusted = new BlockList()
  for (const entry of trustedProxies) {
    const [address = '', prefix] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(prefix), family)
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  return (peer, forwardedFor) => {
    let client = peer === undefined ? null : plainAddress(peer)
    if (client === null || trustedProxies.length === 0) return client
    const hops = forwardedFor.flatMap((value) => value.split(',')).slice(-mostHops)
    for (const hop of hops.toReversed()) {
      if (!isTrusted(client)) break
      const address = plainAddress(hop.trim())
      if (address === null) break
      client = address
    }
    return client
  }
}

const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/
const withPort = /^([\d.]+):\d{1,5}$/
const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** An address without brackets, port, zone and IPv4-in-IPv6 mapping; `null` when it is none. */
function plainAddress(text: string): string | null {
  const bare = bracketed.exec(text)?.[1] ?? withPort.exec(text)?.[1] ?? text
  const address = bare.split('%')[0] ?? ''
  const unmapped = mapped.exec(address)?.[1] ?? address
  return isIP(unmapped) === 0 ? null : unmapped
}
