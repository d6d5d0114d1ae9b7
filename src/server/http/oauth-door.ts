import { NotFoundError, Refusal } from '../../core/errors.ts'
import { showSession } from '../../resolvers/accounts/begin-session.ts'
import type { RequestContext } from '../../resolvers/context.ts'
import type { OAuthStep } from '../../services/accounts/identities/finish-oauth.ts'
import type { OpenContext } from '../request-context.ts'
import type { Door, Exchange } from './exchange.ts'
import { requireMethod } from './method.ts'
import { singleHeader } from './single-header.ts'

export const oauthPath = '/auth/oauth/'

/**
 * Answers `/auth/oauth/:provider`, which sends a browser to a provider, and `/auth/oauth/:provider/callback`, where it comes
 * back to: the only GET that changes something, once, and only in the browser that was sent (ASVS 7.6.2).
 */
export function createOAuthDoor({ openContext }: { readonly openContext: OpenContext }): Door {
  return async (exchange) => {
    const { response, facts, method, path, search } = exchange
    // A HEAD, which prefetchers send, would use a transaction up.
    requireMethod(method, ['GET'])
    response.setHeader('referrer-policy', 'no-referrer')
    const [provider = '', ...rest] = path.slice(oauthPath.length).split('/')
    const isCallback = rest.length === 1 && rest[0] === 'callback'
    if (provider === '' || (rest.length > 0 && !isCallback)) throw new NotFoundError('path')
    const context = await openContext({ ...facts, resume: null })
    const step = isCallback
      ? await context.services.accounts.finishOAuth({ provider, search }, context.client, context.principal)
      : await open(exchange, context, provider)
    if (step.signedIn !== null) showSession(context, step.signedIn)
    response.writeHead(302, { location: step.address, 'content-length': 0 }).end()
  }
}

async function open(exchange: Exchange, context: RequestContext, provider: string): Promise<OAuthStep> {
  const parameters = new URLSearchParams(exchange.search)
  const redirectTo = single(parameters, 'redirectTo') ?? '/'
  const codeChallenge = single(parameters, 'codeChallenge')
  // With a challenge the browser gets nothing but a code that is of no use to it, or to the page that sent it here.
  if (codeChallenge === null) refuseForeignPage(exchange)
  const client = { ...context.client, device: context.deviceCookie?.ensure() ?? null }
  return context.services.accounts.openOAuth({ provider, redirectTo, codeChallenge }, client)
}

/** A page of another site could sign its visitor in without being asked to. Browsers too old to tell are let through. */
function refuseForeignPage({ request }: Exchange): void {
  const site = singleHeader(request, 'sec-fetch-site')
  if (site === null || ['same-origin', 'same-site', 'none'].includes(site)) return
  throw new Refusal('CSRF_REFUSED', 'A sign-in must begin on a page of the app, not on one of another site.')
}

function single(parameters: URLSearchParams, name: string): string | null {
  const values = parameters.getAll(name)
  if (values.length > 1) throw new Refusal('BAD_REQUEST', `The parameter "${name}" was sent more than once.`)
  return values[0] ?? null
}
