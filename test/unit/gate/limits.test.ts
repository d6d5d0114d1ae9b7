import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { limitOperations, operationLimits } from '../../../src/server/limits.ts'

const schema = buildSchema('type Query { a: Query b: Int }')
const rule = limitOperations(operationLimits)

function messages(source: string): readonly string[] {
  return validate(schema, parse(source), [rule]).map((error) => {
    expect(error.extensions).toEqual({ code: 'OPERATION_TOO_COSTLY' })
    return error.message
  })
}

/** `{ a { a { … b } } }` with so many levels of fields. */
function nested(levels: number, field = 'a'): string {
  return levels === 1 ? '{ b }' : `{ ${field} ${nested(levels - 1, field)} }`
}

const aliases = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: b`).join(' ')
const skips = (count: number) => '@skip(if: true) '.repeat(count)

describe('the limits of an operation', () => {
  it('allow 10 levels of fields', () => {
    expect(messages(nested(10))).toEqual([])
    expect(messages(nested(11))).toEqual(['The operation has over 10 levels of fields.'])
  })

  it('count levels through fragments', () => {
    const below = `fragment F on Query ${nested(6)}`
    expect(messages(`{ a { a { a { a { ...F } } } } } ${below}`)).toEqual([])
    expect(messages(`{ a { a { a { a { a { ... { ...F } } } } } } } ${below}`)).toHaveLength(1)
  })

  it('allow 15 aliases, counted as often as their fragment is spread', () => {
    expect(messages(`{ ${aliases(15)} }`)).toEqual([])
    expect(messages(`{ ${aliases(16)} }`)).toEqual(['The operation has over 15 aliases.'])
    const fragment = `fragment F on Query { ${aliases(5)} }`
    expect(messages(`{ ...F a { ...F a { ...F } } } ${fragment}`)).toEqual([])
    expect(messages(`{ ...F a { ...F a { ...F a { ...F } } } } ${fragment}`)).toEqual([
      'The operation has over 15 aliases.',
    ])
  })

  it('allow 30 directives, wherever they stand', () => {
    expect(messages(`{ b ${skips(30)} }`)).toEqual([])
    expect(messages(`{ b ${skips(31)} }`)).toEqual(['The operation has over 30 directives.'])
    expect(messages(`query ${skips(20)} { ... ${skips(11)} { b } }`)).toHaveLength(1)
    expect(messages(`{ ...F ${skips(16)} } fragment F on Query ${skips(15)} { b }`)).toHaveLength(1)
  })

  it('are told of all at once', () => {
    expect(messages(`{ ${aliases(16)} b ${skips(31)} a ${nested(10)} }`)).toHaveLength(3)
  })

  it('let GraphiQL ask for the schema, and bound introspection by itself', () => {
    const full = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    })
    expect(messages(full)).toEqual([])
    expect(validate(schema, parse(full, { maxLexicalTokens: operationLimits.tokens }))).toEqual([])
    const types = (levels: number) => `{ __type(name: "Query") ${nested(levels, 'ofType').replace('b', 'name')} }`
    expect(messages(types(19))).toEqual([])
    expect(messages(types(20))).toEqual(['The operation has over 20 levels of introspection.'])
    expect(messages(`{ a { a { a { a { a { a { a { a { a ${types(10)} } } } } } } } } }`)).toEqual([])
  })

  it('are counted in a time that does not grow with fragments that spread fragments', () => {
    const spreads = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)
    const started = performance.now()
    const source = `{ ...F0 } ${spreads.join(' ')} fragment F60 on Query { x: b }`
    expect(messages(source)).toEqual(['The operation has over 15 aliases.'])
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('come to an end where fragments spread themselves', () => {
    expect(messages('{ ...F ...Missing } fragment F on Query { a { ...F } }')).toEqual([])
  })
})
