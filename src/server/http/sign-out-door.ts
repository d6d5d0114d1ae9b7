import { signOut } from '../../resolvers/accounts/sign-out.ts'
import type { OpenContext } from '../request-context.ts'
import type { Door } from './exchange.ts'
import { requireMethod } from './method.ts'

export const signOutPath = '/auth/sign-out'

/**
 * Answers `POST /auth/sign-out`: what the mutation `signOut` does, and the browser forgets cookies and all else that it
 * keeps for this server (W3C Clear Site Data). A plain form of a page can send it. The same answer when nobody was signed in.
 */
export function createSignOutDoor({ openContext }: { readonly openContext: OpenContext }): Door {
  return async ({ response, facts, method }) => {
    requireMethod(method, ['POST'])
    await signOut(null, {}, await openContext({ ...facts, resume: null }))
    response.writeHead(204, { 'clear-site-data': '"cookies", "storage"' }).end()
  }
}
