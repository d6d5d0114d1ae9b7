import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** An answer of the page: a body with its media type. */
export interface PageAnswer {
  readonly contentType: string
  readonly body: string
}

const here = dirname(fileURLToPath(import.meta.url))

/** The folders whose files the page may load, by their path in the URL. Only direct children, named plainly. */
const assetFolders: Readonly<Record<string, string>> = {
  page: here,
  client: join(here, '../../../client'),
  'graphql-ws': dirname(fileURLToPath(import.meta.resolve('graphql-ws/client'))),
  'graphql-sse': dirname(fileURLToPath(import.meta.resolve('graphql-sse'))),
}

const assetPath = /^\/assets\/([a-z-]+)\/([A-Za-z0-9][\w-]*\.(?:js|mjs|ts))$/

/** The page at `/`, with the nonce that its security policy allows. */
export async function renderPage(nonce: string): Promise<PageAnswer> {
  const html = await readFile(join(here, 'page.html'), 'utf8')
  return { contentType: 'text/html; charset=utf-8', body: html.replaceAll('{nonce}', nonce) }
}

/** A script of the page, TypeScript with its types stripped; `null` when there is none at that path. */
export async function readAsset(path: string): Promise<PageAnswer | null> {
  const [, folder = '', name = ''] = assetPath.exec(path) ?? []
  const root = assetFolders[folder]
  if (root === undefined) return null
  const source = await readFile(join(root, name), 'utf8').catch(() => null)
  if (source === null) return null
  return {
    contentType: 'text/javascript; charset=utf-8',
    body: name.endsWith('.ts') ? stripTypeScriptTypes(source) : source,
  }
}
