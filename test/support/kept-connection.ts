import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** What came over it; `code` is that of the first error. */
interface KeptAnswer {
  readonly status: number
  readonly data: Readonly<Record<string, unknown>>
  readonly code: string | null
}

/** One connection to a server, which is kept: one process of a cluster answers all that is asked over it. */
export interface KeptConnection extends Disposable {
  /** Rejects when the connection breaks off before there is an answer. */
  ask(
    headers: Readonly<Record<string, string>>,
    query: string,
    variables?: Readonly<Record<string, unknown>>,
  ): Promise<KeptAnswer>
}

/** `url` is the server's. With `keeps: false` each question opens a new connection. */
export function openKeptConnection(url: string, { keeps = true } = {}): KeptConnection {
  const agent = new Agent({ keepAlive: keeps, maxSockets: 1 })
  return {
    async ask(headers, query, variables = {}) {
      const asked = request(`${url}/graphql`, {
        agent,
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
        timeout: 20_000,
      })
      asked.on('timeout', () => asked.destroy(new Error('There was no answer for twenty seconds.')))
      asked.end(JSON.stringify({ query, variables }))
      const [response] = await once(asked, 'response')
      // An answer of our own server, checked by what the test expects of it.
      const { data, errors } = JSON.parse(await text(response)) as {
        readonly data?: KeptAnswer['data'] | null
        readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[]
      }
      return { status: response.statusCode, data: data ?? {}, code: errors?.[0]?.extensions?.code ?? null }
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/** Connections, one to each process of a cluster of so many. The headers are an administrator's. */
export async function connectToEach(
  url: string,
  headers: Readonly<Record<string, string>>,
  members: number,
): Promise<Disposable & { readonly byNode: ReadonlyMap<string, KeptConnection> }> {
  using opened = new DisposableStack()
  const byNode = new Map<string, KeptConnection>()
  // They are handed out in turn, among others that come at the same time.
  for (let tries = 0; byNode.size < members && tries < 10 * members; tries += 1) {
    const connection = opened.use(openKeptConnection(url))
    const { data } = await connection.ask(headers, '{ poolStatus { nodeId } }')
    const { nodeId } = data['poolStatus'] as { nodeId: string } // as asked
    if (!byNode.has(nodeId)) byNode.set(nodeId, connection)
  }
  if (byNode.size < members) throw new Error(`Only ${byNode.size} of ${members} processes were reached.`)
  const all = opened.move()
  return { byNode, [Symbol.dispose]: () => all.dispose() }
}
