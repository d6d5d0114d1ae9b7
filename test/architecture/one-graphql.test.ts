import { createRequire } from 'node:module'
import SchemaBuilder from '@pothos/core'
import { GraphQLSchema, execute, parse } from 'graphql'
import { createSchema, createYoga } from 'graphql-yoga'
import { describe, expect, it } from 'vitest'

describe('graphql in tests', () => {
  it('is one copy for tests, Pothos and yoga', async () => {
    const builder = new SchemaBuilder<object>({})
    builder.queryType({ fields: (t) => ({ hello: t.string({ resolve: () => 'world' }) }) })
    const schema = builder.toSchema()
    expect(schema).toBeInstanceOf(GraphQLSchema)
    expect(createSchema({ typeDefs: 'type Query { hello: String }' })).toBeInstanceOf(GraphQLSchema)
    expect(await execute({ schema, document: parse('{ hello }') })).toEqual({ data: { hello: 'world' } })

    const yoga = createYoga({ schema, logging: false })
    const answer = await yoga.fetch('http://localhost/graphql?query={hello}')
    expect(await answer.json()).toEqual({ data: { hello: 'world' } })
  })

  it('is installed once', () => {
    const here = createRequire(import.meta.url)
    const seenFrom = (library: string) => createRequire(here.resolve(library)).resolve('graphql')
    const libraries = ['@pothos/core', 'graphql-yoga', 'graphql-ws', 'graphql-sse', '@envelop/core']
    expect(new Set(libraries.map(seenFrom))).toEqual(new Set([here.resolve('graphql')]))
  })
})
