import { BlockList, isIP } from 'node:net'

/** The address or CIDR range as it is kept; `null` for a text that is neither. */
export function readAddressRange(text: string): string | null {
  const [address = '', prefix, ...rest] = text.trim().split('/')
  const family = isIP(address)
  // A zone belongs to one machine, a mapped address is never what a client is known by.
  if (family === 0 || rest.length > 0 || /%|^::ffff:.*\./i.test(address)) return null
  if (prefix === undefined) return address
  const isPrefix = /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128)
  return isPrefix ? `${address}/${Number(prefix)}` : null
}

/** Whether a client with that address is among the ranges; with none given everybody is. */
export function createAddressCheck(ranges: readonly string[]): (ip: string | null) => boolean {
  if (ranges.length === 0) return () => true
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/')
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return (ip) => ip !== null && list.check(ip, familyOf(ip))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
