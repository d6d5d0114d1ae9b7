import { type InputIssue, InvalidInputError } from './errors.ts'
import { type IdKind, isId } from './ids.ts'

/** The part of a list that is asked for. */
export interface PageRequest {
  /** How many at most, from 1 to 100. */
  readonly first: number
  /** The cursor of the edge that the page follows upon; `null` for the beginning of the list. */
  readonly after: string | null
}

export interface Edge<Node> {
  readonly cursor: string
  readonly node: Node
}

export interface PageInfo {
  readonly hasNextPage: boolean
  /** `null` where the page is empty. */
  readonly endCursor: string | null
}

/** A part of a list (GraphQL Cursor Connections, https://relay.dev/graphql/connections.htm). */
export interface Page<Node> {
  readonly edges: readonly Edge<Node>[]
  readonly pageInfo: PageInfo
}

/** The most things on one page. */
const maxPage = 100

/** What to look for: so many things after the one with that id. Throws an `InvalidInputError` that lists what is wrong. */
export function readPageRequest(
  { first, after }: PageRequest,
  kind: IdKind,
): { readonly first: number; readonly afterId: string | null } {
  const issues: InputIssue[] = []
  if (!Number.isInteger(first) || first < 1 || first > maxPage) {
    issues.push({ path: ['first'], message: `Must be a whole number from 1 to ${maxPage}.` })
  }
  const afterId = after === null ? null : idOfCursor(after)
  if (afterId !== null && !isId(kind, afterId)) {
    issues.push({ path: ['after'], message: 'Must be a cursor of an earlier page, as it was given.' })
  }
  if (issues.length > 0) throw new InvalidInputError(issues)
  return { first, afterId }
}

/** The page with the first of the things that were found; one more than asked for says that there is another page. */
export function toPage<Node extends { readonly id: string }>(found: readonly Node[], first: number): Page<Node> {
  const edges = found.slice(0, first).map((node) => ({ cursor: cursorOfId(node.id), node }))
  return { edges, pageInfo: { hasNextPage: found.length > first, endCursor: edges.at(-1)?.cursor ?? null } }
}

/** Encoded, so that nobody takes it for more than a place in this list. */
function cursorOfId(id: string): string {
  return Buffer.from(id, 'latin1').toString('base64url')
}

/** An id, or any text where the cursor is none. */
function idOfCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString('latin1')
  // The decoder passes over characters that it does not know.
  return cursorOfId(id) === cursor ? id : ''
}
