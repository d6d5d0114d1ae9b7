import {
  buildSchema,
  type GraphQLField,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  parse,
  validateSubscriptionArgs,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../../../src/core/principal.ts'
import { createSchema } from '../../../../../src/schema/index.ts'
import { sharedOperation } from '../../../../../src/server/streams/groups/execution.ts'
import { createGroupKeys } from '../../../../../src/server/streams/groups/group-key.ts'
import { createSharing, markedFields, viewerOf } from '../../../../../src/server/streams/groups/viewers.ts'
import { somebody } from '../../../../support/principals.ts'

describe('a viewer', () => {
  it('holds all that a result may depend on, and nothing of one connection', () => {
    const principal = somebody({ authenticatedAt: 5, generation: 7, expiresAt: 9 })
    const scopes = principal.scopes.toSorted()
    expect(viewerOf(principal)).toEqual({ ...principal, scopes, authenticatedAt: 0, generation: null, expiresAt: null })
    const later = { ...principal, authenticatedAt: 6, generation: 8, expiresAt: null }
    expect(viewerOf(later)).toEqual(viewerOf(principal))
    expect(viewerOf({ kind: 'anonymous', refused: 'SESSION_REVOKED' })).toBe(anonymous)
  })
})

const keySchema = () =>
  buildSchema('type Query { a: Int } type Subscription { a(x: Int, y: [Int!], z: Int = 3): Int b: Int }')

/** A subscription as it is asked; without a schema of its own, of one that all share. */
function asked(text: string, variables: Readonly<Record<string, unknown>> = {}, given?: GraphQLSchema) {
  const schema = given ?? sharedSchema
  const document = parse(text)
  const validated = validateSubscriptionArgs({
    schema,
    document,
    variableValues: variables,
    contextValue: { secret: 1 },
  })
  if (!('schema' in validated)) throw new Error(String(validated[0]))
  return { operation: sharedOperation(validated), document }
}

const sharedSchema = keySchema()
const query = 'subscription Q($x: Int, $y: [Int!], $z: Int = 3) { a(x: $x, y: $y, z: $z) }'

describe('what is kept of a subscription', () => {
  it('is nothing of its request', () => {
    const { operation } = asked(query, { x: 1, junk: 'x'.repeat(1_000) })
    expect(operation).not.toHaveProperty('contextValue')
    expect(JSON.stringify({ ...operation, schema: null })).not.toMatch(/xxxx|secret/)
    expect(operation.variableValues.coerced).toEqual({ x: 1, z: 3 })
  })
})

describe('the key of a group', () => {
  const viewer = viewerOf(somebody({ userId: 'ada', sessionId: 's', roles: ['user'], scopes: ['jobs:read', 'admin'] }))
  const same = { ...asked(query, { x: 1, y: [1, 2] }), topic: 't', viewer }

  it('is the same for those who asked the same and may see the same', () => {
    const keyOf = createGroupKeys()
    const scopes = ['admin', 'jobs:read'] as const
    const other = viewerOf(
      somebody({ userId: 'ada', sessionId: 's', roles: ['user'], scopes, authenticatedAt: 99, generation: 4 }),
    )
    expect(keyOf({ ...same, viewer: other })).toBe(keyOf(same))
    const alike = [
      asked(query, { y: [1, 2], x: 1 }),
      asked(query, { x: 1, y: [1, 2], z: 3 }),
      asked(query, { x: 1, y: [1, 2], undeclared: [{ deep: true }] }),
      asked(query.replaceAll(' ', '\n  '), { x: 1, y: [1, 2] }),
    ]
    expect(new Set(alike.map((one) => keyOf({ ...same, ...one })))).toEqual(new Set([keyOf(same)]))
  })

  it('is another one for everything that makes a difference', () => {
    const keyOf = createGroupKeys()
    if (viewer.kind === 'anonymous') throw new Error('Ada is known.')
    const others = [
      same,
      { ...same, ...asked(query, { x: 1, y: [1, 2] }, keySchema()) },
      { ...same, topic: 'u' },
      { ...same, ...asked(query.replace('Q', 'R'), { x: 1, y: [1, 2] }) },
      { ...same, ...asked(query.replace('{ a', '{ c: a'), { x: 1, y: [1, 2] }) },
      { ...same, ...asked(query, { x: 2, y: [1, 2] }) },
      { ...same, ...asked(query, { x: 1, y: [2, 1] }) },
      { ...same, ...asked(query, { x: 1, y: [1, 2], z: null }) },
      { ...same, ...asked(query, { y: [1, 2] }) },
      { ...same, viewer: anonymous },
      { ...same, viewer: { ...viewer, kind: 'apiKey' as const } },
      { ...same, viewer: { ...viewer, userId: 'grace' } },
      { ...same, viewer: { ...viewer, sessionId: 'other' } },
      { ...same, viewer: { ...viewer, keyId: 'key' } },
      { ...same, viewer: { ...viewer, scopes: ['jobs:read' as const] } },
      { ...same, viewer: { ...viewer, roles: ['admin' as const] } },
      { ...same, viewer: { ...viewer, assurance: 2 as const } },
      { ...same, viewer: { ...viewer, mustEnrol: true } },
    ]
    expect(new Set(others.map(keyOf)).size).toBe(others.length)
  })
})

const marked = { viewers: 'all-who-may' }

/** A schema in which the named fields are marked. */
function schemaWith(...names: readonly string[]): GraphQLSchema {
  const schema = buildSchema(`
    type Query { a: Int }
    type Subscription { shared: Shape! own: Shape! }
    interface Shape { id: ID! name: String! }
    type Circle implements Shape { id: ID! name: String! radius: Float! }
    type Square implements Shape { id: ID! name: String! side: Float! }
  `)
  for (const name of names) {
    const [typeName = '', fieldName = ''] = name.split('.')
    const type = schema.getType(typeName)
    if (!isObjectType(type) && !isInterfaceType(type)) throw new Error(`${typeName} has no fields.`)
    Object.assign(type.getFields()[fieldName]?.extensions ?? {}, marked)
  }
  return schema
}

const allIds = ['Shape.id', 'Circle.id', 'Square.id']

describe('an operation for all who may', () => {
  const isShared = (schema: GraphQLSchema, text: string) => createSharing()(schema, parse(text))

  it('is one whose every field says so', () => {
    const schema = schemaWith('Subscription.shared', ...allIds, 'Circle.radius')
    expect(isShared(schema, 'subscription { shared { __typename id } }')).toBe(true)
    expect(
      isShared(schema, 'subscription { x: shared { ...on Circle { r: radius } ...F } } fragment F on Shape { id }'),
    ).toBe(true)
    expect(isShared(schema, 'subscription { own { id } }')).toBe(false)
    expect(isShared(schema, 'subscription { shared { id name } }')).toBe(false)
    expect(isShared(schema, 'subscription { shared { ...on Square { side } } }')).toBe(false)
    expect(isShared(schema, 'subscription { shared { ...F } } fragment F on Shape { id name }')).toBe(false)
  })

  it('asks behind an interface for every type that may stand there', () => {
    const schema = schemaWith('Subscription.shared', 'Shape.id', 'Circle.id')
    expect(isShared(schema, 'subscription { shared { id } }')).toBe(false)
    expect(isShared(schema, 'subscription { shared { ...on Circle { id } } }')).toBe(true)
  })

  it('is found once for each document of a schema', () => {
    const sharing = createSharing()
    const document = parse('subscription { shared { id } }')
    expect(sharing(schemaWith('Subscription.shared', ...allIds), document)).toBe(true)
    expect(sharing(schemaWith('Subscription.shared'), document)).toBe(false)
  })
})

describe('the fields that say so', () => {
  const { schema } = createSchema([])
  const names = markedFields(schema)

  it('are all that a subscription of everybody reaches', () => {
    expect(names).toContain('Subscription.channel')
    expect(names.length).toBeGreaterThan(5)
  })

  it.each(names.filter((name) => !name.startsWith('Subscription.')))('%s has no use for who asks', (name) => {
    const [typeName = '', fieldName = ''] = name.split('.')
    const type = schema.getType(typeName)
    if (!isObjectType(type) && !isInterfaceType(type)) throw new Error(`${typeName} has no fields.`)
    const field = type.getFields()[fieldName] as GraphQLField<unknown, unknown>
    const touched: PropertyKey[] = []
    const watched = new Proxy(
      {},
      {
        get: (_target, property) => void touched.push(property),
        has: (_target, property) => touched.push(property) > 0,
        ownKeys: () => (touched.push('keys'), []),
      },
    )
    const source = new Proxy({}, { get: (_target, property) => (property === 'then' ? undefined : 'value') })
    // Its arguments, where it has any, are those of nobody in particular.
    field.resolve?.(source, {}, watched, { path: { key: fieldName } } as never)
    expect(touched).toEqual([])
    expect(field.args).toEqual([])
  })
})
