import type { MemberOrder } from './member-order.ts'

/** The environment variable in which a member finds its order. */
export const orderVariable = 'MILLRACE_MEMBER'

type Environment = Readonly<Record<string, string | undefined>>

/** Whether this process was forked by a primary. */
export function isMember(environment: Environment): boolean {
  return environment[orderVariable] !== undefined
}

/** An order that no primary gave: a start-up error. */
class MemberOrderError extends Error {
  readonly code = 'MEMBER_ORDER_INVALID'
}

/** What the primary has this process do. Throws a `MemberOrderError` when it is not an order, which is not for people to set. */
export function readOrder(environment: Environment): MemberOrder {
  const order = parse(environment[orderVariable] ?? '')
  if (isOrder(order)) return order
  throw new MemberOrderError(`${orderVariable} is set by the primary of a cluster for its members. Unset it.`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const isPort = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1

function isOrder(value: unknown): value is MemberOrder {
  if (typeof value !== 'object' || value === null) return false
  const { number, nodeId, threads, port, opsPort, installation }: Partial<Record<keyof MemberOrder, unknown>> = value
  const arePorts = isPort(port) && (opsPort === null || isPort(opsPort))
  const isNamed = typeof nodeId === 'string' && typeof installation === 'string'
  return isCount(number) && isCount(threads) && isNamed && arePorts
}
