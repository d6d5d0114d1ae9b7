import { type Agent, request } from 'node:http'

export interface Answer {
  readonly status: number | undefined
  /** Of the only field; an empty object without data. */
  readonly value: unknown
}

/** Sends an operation; answers what came back, whatever the status. */
export function post(
  port: number,
  body: object,
  { agent, headers = {} }: { readonly agent: Agent; readonly headers?: Readonly<Record<string, string>> },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const json = { 'content-type': 'application/json', accept: 'application/json' }
    const target = { port, host: '127.0.0.1', path: '/graphql', method: 'POST' }
    const asked = request({ ...target, agent, headers: { ...json, ...headers } })
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve({ status: response.statusCode, value: valueOf(text) }))
    })
    asked.on('error', reject)
    asked.end(JSON.stringify(body))
  })
}

function valueOf(text: string): unknown {
  const { data } = JSON.parse(text) as { data?: Record<string, unknown> | null } // an answer of GraphQL
  return Object.values(data ?? {})[0] ?? {}
}
