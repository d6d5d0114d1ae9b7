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

interface AssetFolder {
  readonly root: string
  /** Which of its files the page may load: plain names of direct children. */
  readonly files: RegExp
}

/** What the page may load, by the folder's name in `/assets/<folder>/<file>`. */
const assetFolders: ReadonlyMap<string, AssetFolder> = new Map([
  ['page', { root: here, files: /^page\.js$/ }],
  ['client', { root: join(here, '../../../client'), files: /^[a-z-]+\.ts$/ }],
  ['graphql-ws', { root: folderOf('graphql-ws/client'), files: /^[\w-]+\.js$/ }],
  ['graphql-sse', { root: folderOf('graphql-sse'), files: /^[\w-]+\.mjs$/ }],
])

function folderOf(specifier: string): string {
  return dirname(fileURLToPath(import.meta.resolve(specifier)))
}

/** The page at `/`, with the nonce that its security policy allows. */
export async function renderPage(nonce: string): Promise<PageAnswer> {
  const html = await readFile(join(here, 'page.html'), 'utf8')
  return { contentType: 'text/html; charset=utf-8', body: html.replaceAll('{nonce}', nonce) }
}

/** A script of the page, TypeScript with its types stripped; `null` when there is none at that path. */
export async function readAsset(path: string): Promise<PageAnswer | null> {
  const [folder = '', name = '', ...rest] = path.slice('/assets/'.length).split('/')
  const found = assetFolders.get(folder)
  if (found === undefined || rest.length > 0 || !found.files.test(name)) return null
  const source = await readFile(join(found.root, name), 'utf8').catch(() => null)
  if (source === null) return null
  const body = name.endsWith('.ts') ? stripTypeScriptTypes(source) : source
  return { contentType: 'text/javascript; charset=utf-8', body }
}
