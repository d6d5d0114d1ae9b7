import type { GraphQLSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { requiresOneOf } from '../../../src/schema/access.ts'
import { type Builder, createBuilder } from '../../../src/schema/builder.ts'
import { assertSchemaGuarded, SchemaNotGuardedError } from '../../../src/server/gate/assert-schema-guarded.ts'

const skipAuth = { skipAuth: {} }

function build(add: (builder: Builder) => void): GraphQLSchema {
  const builder = createBuilder()
  builder.queryType({ fields: (t) => ({ plain: t.string({ resolve: () => 'x' }) }) })
  add(builder)
  return builder.toSchema()
}

function faults(add: (builder: Builder) => void, publicFields: readonly string[] = []): readonly string[] {
  try {
    assertSchemaGuarded(build(add), publicFields)
    return []
  } catch (error) {
    if (!(error instanceof SchemaNotGuardedError)) throw error
    return String(error)
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
}

/** What TypeScript would not let a schema say, but a mistake might. */
const mistaken = (directives: object) => directives as typeof skipAuth

const field = (directives: object) => (builder: Builder) => {
  builder.queryField('asked', (t) => t.string({ directives: mistaken(directives), resolve: () => 'x' }))
}

describe('a schema whose access rules are wrong', () => {
  it.each([
    ['an unknown directive', { skipAuht: {} }, 'Query.asked has the unknown directive @skipAuht.'],
    ['a directive of another library', { authenticated: {} }, 'Query.asked has the unknown directive @authenticated.'],
    [
      'the policies that nobody evaluates',
      { policy: { policies: [['x']] } },
      'Query.asked has the unknown directive @policy.',
    ],
    ['arguments where there are none', { skipAuth: { if: true } }, 'Query.asked has a @skipAuth with arguments.'],
    ['a flat list of scopes', { requiresScopes: { scopes: ['admin'] } }, flat()],
    ['an empty list of scopes', { requiresScopes: { scopes: [] } }, flat()],
    ['an empty list in the list', { requiresScopes: { scopes: [['admin'], []] } }, flat()],
    ['no list at all', { requiresScopes: {} }, flat()],
    ['a text for a list', { requiresScopes: { scopes: 'admin' } }, flat()],
    [
      'an unknown scope',
      { requiresScopes: { scopes: [['admin', 'job:read']] } },
      'Query.asked asks for the unknown scope "job:read".',
    ],
    ['a scope that is no text', { requiresScopes: { scopes: [[1]] } }, 'Query.asked asks for the unknown scope 1.'],
  ])('is refused for %s', (_name, directives, fault) => {
    expect(faults(field(directives), 'skipAuth' in directives ? ['Query.asked'] : [])).toEqual([fault])
  })

  function flat(): string {
    return 'Query.asked needs @requiresScopes(scopes: [["…"]]), a list of lists.'
  }

  it('is refused for the same mistakes on a type', () => {
    const added = (builder: Builder) => {
      builder.objectRef<object>('Thing').implement({
        directives: mistaken({ requiresScopes: { scopes: ['admin'] }, other: {} }),
        fields: (t) => ({ id: t.id({ resolve: () => '1' }) }),
      })
    }
    expect(faults(added)).toEqual([
      'Thing has the unknown directive @other.',
      'Thing needs @requiresScopes(scopes: [["…"]]), a list of lists.',
    ])
  })

  it('is refused for directives where the gate does not look', () => {
    const added = (builder: Builder) => {
      const kind = builder.enumType('Kind', {
        values: { A: { directives: mistaken(skipAuth) } } as const,
        directives: mistaken(skipAuth),
      })
      const input = builder.inputType('Thing', {
        directives: mistaken(skipAuth),
        fields: (t) => ({ kind: t.field({ type: kind, directives: mistaken(skipAuth) }) }),
      })
      builder.queryField('asked', (t) =>
        t.string({ args: { thing: t.arg({ type: input, directives: mistaken(skipAuth) }) }, resolve: () => 'x' }),
      )
    }
    const sentence = (name: string) => `${name} has a directive, which the gate does not read there.`
    expect(new Set(faults(added))).toEqual(
      new Set(['Kind', 'Kind.A', 'Query.asked(thing:)', 'Thing', 'Thing.kind'].map(sentence)),
    )
  })

  it('is refused where a root field is open but not listed, or listed but not open', () => {
    expect(faults(field(skipAuth))).toEqual(['Query.asked is open to everybody, but not listed as such.'])
    expect(faults(field({}), ['Query.asked'])).toEqual(['Query.asked is listed as open to everybody, but is not.'])
    expect(faults(field(skipAuth), ['Query.asked'])).toEqual([])
  })

  it('is refused where a root type is open as a whole', () => {
    const builder = createBuilder()
    builder.queryType({ directives: skipAuth, fields: (t) => ({ plain: t.string({ resolve: () => 'x' }) }) })
    expect(() => assertSchemaGuarded(builder.toSchema(), ['Query.plain'])).toThrow('Query is open as a whole.')
  })

  it('is refused where a field is open and asks for scopes', () => {
    expect(faults(field({ ...skipAuth, ...requiresOneOf('admin') }), ['Query.asked'])).toEqual([
      'Query.asked is open to everybody and asks for scopes.',
    ])
  })

  it('is refused where the guard of an object is missing on its interface', () => {
    const added = (ofInterface: object, ofObject: object, ofField: object) => (builder: Builder) => {
      const named = builder.interfaceRef<{ name: string }>('Named').implement({
        directives: mistaken(ofInterface),
        fields: (t) => ({ name: t.exposeString('name') }),
      })
      builder.objectRef<{ name: string }>('Vault').implement({
        interfaces: [named],
        directives: mistaken(ofObject),
        fields: (t) => ({ name: t.exposeString('name', { directives: mistaken(ofField) }) }),
      })
    }
    const fault = ['Vault.name is guarded, but can be selected through Named without that guard.']
    expect(faults(added(skipAuth, {}, {}))).toEqual(fault)
    expect(faults(added({}, requiresOneOf('admin'), {}))).toEqual(fault)
    expect(faults(added({}, {}, requiresOneOf('admin')))).toEqual(fault)
    expect(faults(added(requiresOneOf('jobs:read'), requiresOneOf('admin'), {}))).toEqual(fault)
    expect(faults(added(requiresOneOf('admin'), requiresOneOf('admin'), {}))).toEqual([])
    expect(faults(added({}, skipAuth, {}))).toEqual([])
    expect(faults(added(skipAuth, skipAuth, {}))).toEqual([])
  })

  it('is told of everything at once', () => {
    expect(faults(field({ a: {}, b: {}, requiresScopes: { scopes: [['c']] } }))).toHaveLength(3)
  })
})
