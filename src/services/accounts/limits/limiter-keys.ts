import { isIPv4, isIPv6 } from 'node:net'
import { sha256 } from '../../../core/secrets.ts'

/**
 * The part of an address that one household or host holds: an IPv4 address as it is, the /64 of an IPv6 one, because a
 * single host may use all of its 2^64 addresses (ASVS 4.1.3).
 */
export function networkOf(ip: string | null): string {
  if (ip === null) return 'unknown'
  const [address = ''] = ip.split('%')
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return 'unknown'
  const mapped = /^(?:0*:)*:?ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ?? `${firstGroups(address).join(':')}::/64`
}

/** The first four of the eight groups of an IPv6 address. */
function firstGroups(address: string): readonly string[] {
  const [before = '', after] = address.split('::')
  const head = groups(before)
  const tail = after === undefined ? [] : groups(after)
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0')
  return [...head, ...zeros, ...tail].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
}

function groups(text: string): readonly string[] {
  if (text === '') return []
  // A dotted tail (`::ffff:192.0.2.1`) stands for two groups, which are not among the first four.
  return text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]))
}

/** The key of one account as seen from one network, of bounded length. `null`: no account can have that address. */
export function accountKey(network: string, emailKey: string | null): string {
  return `${network} ${emailKey === null ? 'none' : sha256(emailKey)}`
}
