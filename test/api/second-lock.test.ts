import { type ExecutionResult, execute, getOperationAST, parse, subscribe } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { errorCodes, Refusal } from '../../src/core/errors.ts'
import { anonymous, type KnownPrincipal, type Principal, scopes } from '../../src/core/principal.ts'
import type { RequestContext } from '../../src/resolvers/context.ts'
import { createReadBudget } from '../../src/services/jobs/read-budget.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { makeTestFolder, type TestFolder } from '../support/open-test-store.ts'
import { walkSchema } from './walk-schema.ts'
import { refusalFor, whoMay } from './who-may.ts'

let folder: TestFolder
let app: App
let user: KnownPrincipal

beforeAll(async () => {
  folder = await makeTestFolder()
  const config = readConfig({ DATA_DIR: folder.path, COMPUTE_THREADS: '1' })
  app = await createApp(config, { logger: collectingLogger(), passwordCost: 4 })
  const wish = {
    email: 'ada@example.com',
    password: 'violet hum table 7',
    displayName: 'Ada',
    delivery: 'TOKENS',
  } as const
  const client = { ip: null, userAgent: null, device: null, requestId: null }
  const answer = await app.services.accounts.signUp(wish, client, anonymous)
  if (answer.kind !== 'SIGNED_IN') throw new Error('The address has to be confirmed.')
  const credentials = { apiKey: null, bearer: answer.tokens?.accessToken ?? '', sessionCookie: null }
  const principal = await app.services.accounts.authenticate(credentials, client)
  if (principal.kind === 'anonymous') throw new Error('The token does not work.')
  user = principal
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** Runs an operation past the gate: only what the services decide stands in its way. */
async function runPastGate(source: string, principal: Principal): Promise<ExecutionResult> {
  const document = parse(source)
  const contextValue: RequestContext = {
    principal,
    services: app.services,
    requestId: 'test',
    client: { ip: '192.0.2.7', userAgent: null, device: null, requestId: 'test' },
    sessionCookie: { set: () => {}, clear: () => {} },
    deviceCookie: { ensure: () => 'd'.repeat(43) },
    retryAfter: null,
    resume: null,
    readBudget: createReadBudget(),
    publicUrl: app.url,
  }
  const variableValues = { file: { blob: { keep: () => undefined, [Symbol.asyncDispose]: async () => {} } } }
  const args = { schema: app.schema, document, contextValue, variableValues }
  const answer = await (getOperationAST(document)?.operation === 'subscription' ? subscribe(args) : execute(args))
  if (!(Symbol.asyncIterator in answer)) return answer
  await answer.return(undefined)
  return { data: { opened: true } }
}

const access: readonly string[] = Object.entries(errorCodes).flatMap(([code, { status }]) =>
  status === 401 || status === 403 ? [code] : [],
)

/** The codes of the refusals that a service has thrown; what else went wrong is told as it is. */
function refusals({ errors = [] }: ExecutionResult): readonly unknown[] {
  return errors.map(({ cause, message }) => (cause instanceof Refusal ? cause.code : message))
}

const principals: Readonly<Record<string, () => Principal>> = {
  'somebody who is not signed in': () => anonymous,
  'somebody whose session has ended': () => ({ kind: 'anonymous', refused: 'SESSION_REVOKED' }),
  'an API key without any scope': () => ({ ...user, kind: 'apiKey', scopes: [], sessionId: null, keyId: 'key' }),
  'an API key with all scopes': () => ({ ...user, kind: 'apiKey', scopes, sessionId: null, keyId: 'key' }),
  'a user who is no administrator': () => user,
}

/** Where there is nothing to keep from anybody: the ways in, which a key has no use for, and what work the server knows. */
const gateAlone = [...Object.keys(whoMay).filter((name) => whoMay[name] === 'everybody'), 'Query.tasks']

describe('the services behind the gate', () => {
  it.each(Object.entries(principals))('refuse for themselves what is not for %s', async (_who, principalOf) => {
    const principal = principalOf()
    const outcomes: unknown[] = []
    for (const { path, source } of walkSchema(app.schema)) {
      const [root = ''] = path
      const decided = refusalFor(root, principal)
      if (path.length !== 1 || decided === null || decided === 'not decided' || gateAlone.includes(root)) continue
      const result = await runPastGate(source, principal)
      const codes = refusals(result)
      const isRefused = codes.length === 1 && access.includes(String(codes[0]))
      if (!isRefused) outcomes.push([root, codes, result.data])
    }
    expect(outcomes).toEqual([])
  })
})
