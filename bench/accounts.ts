import { benchAuthentication } from './accounts/authentication.ts'
import { benchSignIns } from './accounts/sign-ins.ts'

/** `npm run bench accounts`; says whether all targets were met. */
export async function accounts(): Promise<boolean> {
  const isCheap = await benchAuthentication()
  console.log()
  const isBounded = await benchSignIns()
  return isCheap && isBounded
}
