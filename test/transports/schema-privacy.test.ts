import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { newSecret } from '../../src/core/secrets.ts'
import { type AccountsServer, openAccountsServer } from '../support/open-accounts-server.ts'
import { post } from '../support/http/requests.ts'
import { openAcknowledged } from '../support/raw-socket.ts'

let server: AccountsServer
let token: string
beforeAll(async () => {
  server = await openAccountsServer()
  token = (await server.accounts.signUp({ delivery: 'TOKENS' })).tokens?.accessToken ?? ''
})
afterAll(() => server[Symbol.asyncDispose]())

const introspection = '{ __schema { types { name } } }'
const misspelt = 'mutation { singOut }'

/** What an operation answers over each transport, to nobody and to somebody. */
const transports: Readonly<Record<string, (query: string, token: string | null) => Promise<string>>> = {
  HTTP: async (query, bearer) => (await post(server.port, { query }, credential(bearer))).body,
  'server-sent events': async (query, bearer) =>
    (await post(server.port, { query }, { ...credential(bearer), accept: 'text/event-stream' })).body,
  WebSocket: async (query, bearer) => {
    const raw = await openAcknowledged(server.url, credential(bearer))
    raw.send({ id: '1', type: 'subscribe', payload: { query } })
    const message = await raw.next()
    raw.socket.close()
    return JSON.stringify(message)
  },
}

function credential(bearer: string | null): Record<string, string> {
  return bearer === null ? {} : { authorization: `Bearer ${bearer}` }
}

describe('the schema of a server in production', () => {
  it('is private by default, and open where its operator says so', () => {
    const production = { NODE_ENV: 'production', MILLRACE_SECRET: newSecret() }
    expect(readConfig(production).graphiql).toBe(false)
    expect(readConfig({ ...production, GRAPHIQL: 'on' }).graphiql).toBe(true)
    expect(readConfig({}).graphiql).toBe(true)
    expect(readConfig({ GRAPHIQL: 'off' }).graphiql).toBe(false)
  })

  it.each(Object.entries(transports))(
    'is not told to strangers over %s, nor guessed from suggestions',
    async (_, ask) => {
      // Twice in turns, so that what is kept for one kind of caller would show up with the other.
      for (let round = 0; round < 2; round += 1) {
        const hidden = await ask(introspection, null)
        expect(hidden).toContain('GRAPHQL_VALIDATION_FAILED')
        expect(hidden).not.toContain('SignInInput')
        expect(await ask(misspelt, null)).not.toContain('Did you mean')
        expect(await ask(introspection, token)).toContain('SignInInput')
        expect(await ask(misspelt, token)).toContain('Did you mean')
      }
    },
  )
})
