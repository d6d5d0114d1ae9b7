import { isIPv4, isIPv6 } from 'node:net'
import type { FailureKey } from './credential-failures.ts'

/**
 * The network of an address, which one attacker is taken to hold: the /24 of an IPv4 one, the /64 of an IPv6 one, because a
 * single host may use all of its 2^64 addresses (ASVS 4.1.3).
 */
export function networkOf(ip: string | null): string {
  if (ip === null) return 'unknown'
  const [address = ''] = ip.split('%')
  if (isIPv4(address)) return networkOfIPv4(address)
  if (!isIPv6(address)) return 'unknown'
  const mapped = mappedIPv4(address)
  return mapped === null ? `${firstGroups(address).join(':')}::/64` : networkOfIPv4(mapped)
}

/** The /48 of an IPv6 address, which is what a site is given (RFC 6177); `null` for any other. */
export function wideNetworkOf(ip: string | null): string | null {
  const [address = ''] = (ip ?? '').split('%')
  if (!isIPv6(address) || mappedIPv4(address) !== null) return null
  return `${firstGroups(address).slice(0, 3).join(':')}::/48`
}

/** The IPv4 address in an IPv6 one that stands for it. */
function mappedIPv4(address: string): string | null {
  return /^(?:0*:)*:?ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? null
}

function networkOfIPv4(address: string): string {
  return `${address.slice(0, address.lastIndexOf('.'))}.0/24`
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

/** Where an attempt to sign in comes from. */
export interface SignInOrigin {
  /** What makes the email address unique, or anything that is bounded in length for what is none. */
  readonly account: string
  readonly network: string
  /** SHA-256 of the device cookie of a browser that has signed in to the account before; `null`: it is unknown. */
  readonly knownDevice: string | null
}

/**
 * Whose failures an attempt to sign in counts as. A browser that is known to the account counts by itself: nobody locks its
 * owner out by guessing from elsewhere. The rest count together, and by network, which has to wait sooner, so that one
 * attacker does not use up the attempts of everybody else.
 */
export function signInKeys({ account, network, knownDevice }: SignInOrigin): readonly FailureKey[] {
  if (knownDevice !== null) return [`sign-in ${account} from device ${knownDevice}`]
  return [{ key: `sign-in ${account} from ${network}`, failuresPerWait: 5 }, `sign-in ${account}`]
}
