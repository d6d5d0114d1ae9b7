import type { SigningKeysService } from '../../services/accounts/keys/rotate-signing-keys.ts'
import type { Door } from './exchange.ts'
import { requireMethod } from './method.ts'
import { send } from './send.ts'

export const jwksPath = '/.well-known/jwks.json'

/**
 * Answers `/.well-known/jwks.json`: the public keys by which anybody can verify access tokens, also pages of other origins.
 * Keys are published a rotation before they sign, so that an answer may be remembered for five minutes.
 */
export function createJwksDoor({ publicKeys }: Pick<SigningKeysService, 'publicKeys'>): Door {
  return async ({ response, method }) => {
    requireMethod(method, ['GET', 'HEAD'])
    response.removeHeader('access-control-allow-credentials')
    send(response, {
      status: 200,
      headers: {
        'content-type': 'application/jwk-set+json',
        'cache-control': 'public, max-age=300',
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      },
      body: JSON.stringify({ keys: publicKeys() }),
    })
  }
}
