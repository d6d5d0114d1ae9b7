import { faultsOf } from './faults.ts'

/** There is no other token than the one that was refused. */
class NoFreshToken extends Error {}

/**
 * The headers of each connection, with a token that is asked for each time; and whether graphql-ws may try again after a
 * failure, which is told: always, unless the server has closed with 4403 and there is no other token than the one that it
 * refused.
 */
export function renewing(token: () => Promise<string>) {
  let given: string | null = null
  let refused: string | null = null
  const headers = async () => {
    given = await token()
    if (given === refused) throw new NoFreshToken('The token is not valid, and there is no other.')
    return { authorization: `Bearer ${given}` }
  }
  const mayTryAgain = (failure: unknown) => {
    if (failure instanceof NoFreshToken) return false
    if (isClosedBy(failure, 4403)) refused = given
    for (const fault of faultsOf(failure)) console.error(fault)
    return true
  }
  return { headers, mayTryAgain }
}

const isClosedBy = (failure: unknown, code: number) =>
  typeof failure === 'object' && failure !== null && 'code' in failure && failure.code === code
