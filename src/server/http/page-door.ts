import { NotFoundError } from '../../core/errors.ts'
import type { Door, Exchange } from './exchange.ts'
import type { Page } from './graphiql.ts'
import { requireMethod } from './method.ts'
import type { OwnAddress } from './own-address.ts'
import { send } from './send.ts'
import { newNonce, pagePolicy } from './security-headers.ts'

/** The page for people at `/` and the scripts that it loads. */
export interface Pages {
  render(nonce: string): Promise<{ readonly contentType: string; readonly body: string }>
  /** A file under `/assets/`; `null` when there is none. */
  readAsset(path: string): Promise<{ readonly contentType: string; readonly body: string } | null>
}

export interface PageDoorOptions {
  readonly pages: Pages | null
  /** Where `/` leads to when there is no page; `null` for nowhere. */
  readonly fallback: string | null
  readonly address: OwnAddress
}

/** Answers `/`. */
export function createFrontDoor({ pages, fallback, address }: PageDoorOptions): Door {
  return async ({ response, method }) => {
    requireMethod(method, ['GET', 'HEAD'])
    if (pages === null) {
      if (fallback === null) throw new NotFoundError('page')
      return void response.writeHead(302, { location: fallback }).end()
    }
    const nonce = newNonce()
    const { contentType, body } = await pages.render(nonce)
    response.setHeader('content-security-policy', pagePolicy({ nonce, origins: address.origins() }))
    send(response, { status: 200, headers: { 'content-type': contentType }, body })
  }
}

/** Answers `/assets/…`. */
export function createAssetDoor(pages: Pages | null): Door {
  return async ({ response, method, path }) => {
    requireMethod(method, ['GET', 'HEAD'])
    const asset = (await pages?.readAsset(path)) ?? null
    if (asset === null) throw new NotFoundError('file')
    send(response, {
      status: 200,
      headers: { 'content-type': asset.contentType, 'cache-control': 'no-cache' },
      body: asset.body,
    })
  }
}

/** Writes a page that comes in pieces. */
export function sendPage({ response }: Exchange, page: Page): void {
  const size = page.body.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0)
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': size,
    'content-security-policy': page.policy,
    vary: 'Accept, Origin',
  })
  for (const piece of page.body) response.write(piece)
  response.end()
}
