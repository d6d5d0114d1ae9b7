import { createSchema } from 'graphql-yoga'
import { describe, expect, it } from 'vitest'
import { createDeadlines } from '../../../../src/server/graphql/deadlines.ts'
import { createEngine } from '../../../../src/server/graphql/engine.ts'
import { createErrorMask } from '../../../../src/server/graphql/mask-error.ts'
import { graphqlAnswer } from '../../../../src/server/graphql/graphql-answer.ts'
import { createPipeline } from '../../../../src/server/graphql/pipeline.ts'
import type { Observation, ObservedContext } from '../../../../src/server/operation.ts'
import { createTopicSubscriptions } from '../../../../src/server/streams/subscribe.ts'
import { collectingLogger } from '../../../support/collecting-logger.ts'
import { noStreamLimits } from '../../../support/no-stream-limits.ts'
import { somebody } from '../../../support/principals.ts'
import { contextOf } from '../../gate/run-guarded.ts'

const typeDefs = /* GraphQL */ `
  type Query {
    at: String
    slow: Thing
    heard: Thing
    many: [Thing!]
  }
  type Mutation {
    first: String
    second: String
  }
  type Thing {
    name: String
    part: Thing
  }
`

/** An engine whose operations have so many ms, over fields that wait for the test. */
function open(operationMs: number) {
  const gate = Promise.withResolvers<void>()
  const resolved: string[] = []
  const wait = async (name: string) => {
    resolved.push(`${name} begins`)
    await gate.promise
    resolved.push(`${name} ends`)
    return name
  }
  /** Two who wait for the end of their operation, as resolvers may. */
  const hear = ({ signal }: { readonly signal?: AbortSignal }) => {
    if (signal === undefined) throw new Error('There is no signal.')
    for (const name of ['one', 'other']) signal.addEventListener('abort', () => resolved.push(`${name} hears`))
    return wait('heard').then(() => ({}))
  }
  const logger = collectingLogger()
  const maskError = createErrorMask(logger)
  const subscriptions = createTopicSubscriptions({ maskError, watch: () => () => undefined, limits: noStreamLimits })
  const getEnveloped = createPipeline({
    schema: createSchema({
      typeDefs,
      resolvers: {
        Query: {
          at: () => 'once',
          slow: () => wait('slow').then(() => ({})),
          heard: (_root, _args, _context, info) => hear(info),
          many: () => [{}],
        },
        Mutation: { first: () => wait('first'), second: () => wait('second') },
        Thing: { name: () => wait('name'), part: () => wait('part').then(() => ({})) },
      },
    }),
    plugins: [subscriptions.plugin],
    rules: [],
    maxTokens: 1_000,
    introspection: true,
  })
  const deadlines = createDeadlines(operationMs)
  const engine = createEngine({ getEnveloped, subscriptions, maskError, deadlines })
  const run = async (query: string, trace?: Observation) => {
    const context: ObservedContext = { ...contextOf(somebody({})), trace }
    const outcome = await engine.run({ query }, context)
    if (outcome.type === 'stream') throw new Error('There are no subscriptions.')
    return outcome
  }
  return {
    run,
    resolved,
    logger,
    letGo: () => gate.resolve(),
    [Symbol.dispose]() {
      gate.resolve()
      deadlines[Symbol.dispose]()
    },
  }
}

const codes = (outcome: Awaited<ReturnType<ReturnType<typeof open>['run']>>) =>
  outcome.result.errors?.map(({ extensions }) => extensions.code)

describe('an operation that takes longer than is allowed', () => {
  it.each(['{ slow { name } }', '{ many { name } }', 'mutation { first }'])(
    'is answered all the same: %s',
    async (query) => {
      using server = open(30)
      const outcome = await server.run(query)
      expect(codes(outcome)).toEqual(['OPERATION_TIMEOUT'])
      expect(outcome.begun).toBe(true)
      const { status, body } = graphqlAnswer(outcome.result, 'application/graphql-response+json')
      expect(status).toBe(504)
      expect(body).toContain('The operation took longer than is allowed and was given up.')
    },
  )

  it('does what it had begun and nothing after that', async () => {
    using server = open(30)
    const outcome = await server.run('mutation { first second }')
    expect(server.resolved).toEqual(['first begins'])
    server.letGo()
    await outcome.left
    expect(server.resolved).toEqual(['first begins', 'first ends'])
  })

  it('resolves no further fields', async () => {
    using server = open(30)
    const outcome = await server.run('{ slow { part { name } } }')
    server.letGo()
    await outcome.left
    await new Promise(setImmediate)
    expect(server.resolved).toEqual(['slow begins', 'slow ends'])
    expect(server.logger.lines).toEqual([])
  })
})

describe('the signal that resolvers are given', () => {
  it('tells all who listen that the time is over', async () => {
    using server = open(30)
    const outcome = await server.run('{ heard { part { name } } }')
    expect(codes(outcome)).toEqual(['OPERATION_TIMEOUT'])
    expect(server.resolved).toEqual(['heard begins', 'one hears', 'other hears'])
  })
})

describe('an operation', () => {
  it('in time is not touched', async () => {
    using server = open(60_000)
    const running = server.run('mutation { first second }')
    server.letGo()
    expect((await running).result).toEqual({ data: { first: 'first', second: 'second' } })
  })

  it('may wait as long as its caller asked for besides', async () => {
    using server = open(30)
    const waiting = server.run('mutation { first }', traceThatWaits(60_000))
    expect(codes(await server.run('{ slow { name } }'))).toEqual(['OPERATION_TIMEOUT'])
    server.letGo()
    expect((await waiting).result).toEqual({ data: { first: 'first' } })
  })
})

function traceThatWaits(waitMs: number): Observation {
  const nothing = () => undefined
  return {
    waitMs,
    begins: nothing,
    taken: nothing,
    held: nothing,
    submitted: nothing,
    mayWait: nothing,
    refusedWith: nothing,
    answered: nothing,
    refused: nothing,
    streams: () => {
      throw new Error('It is no subscription.')
    },
  }
}
