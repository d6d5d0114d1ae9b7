import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { limitOperations, operationLimits } from '../../../src/server/limits.ts'

const schema = buildSchema(`
  type Query { a: Query b: Int things(first: Int! = 20): Things newest(last: Int): [Thing!] some(first: Int = 3): Things }
  type Things { nodes: [Thing!] edges: [Edge!] }
  type Edge { node: Thing }
  interface Named { name: String parts(last: Int = 20): [Part!] }
  type Thing implements Named { name: String parts(last: Int = 20): [Part!] things(first: Int! = 20): Things }
  type Part { name: String }
`)
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

const tooMany = ['The operation has over 5000 fields, counting those of a page for each thing on it.']
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
    expect(messages(source)).toEqual(['The operation has over 15 aliases.', ...tooMany])
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('come to an end where fragments spread themselves', () => {
    expect(messages('{ ...F ...Missing } fragment F on Query { a { ...F } }')).toEqual([])
  })

  const names = (count: number) => Array.from({ length: count }, () => 'name').join(' ')

  it('allow 5,000 fields, those of a page counted for each thing that may be on it', () => {
    // 1 + 100 × (1 + 48) and 1 + 100 × (1 + 49).
    expect(messages(`{ things(first: 100) { nodes { ${names(48)} } } }`)).toEqual([])
    expect(messages(`{ things(first: 100) { nodes { ${names(49)} } } }`)).toEqual(tooMany)
    expect(messages(`{ newest(last: 100) { ${names(50)} } }`)).toEqual(tooMany)
    expect(messages(`{ things(first: 50) { nodes { ${names(49)} } edges { node { ${names(40)} } } } }`)).toEqual([])
  })

  it('take a page to be as large as its default says, as any can be where a variable says it, and no larger', () => {
    expect(messages(`{ things { nodes { ${names(200)} } } }`)).toEqual([])
    expect(messages(`{ things { nodes { ${names(249)} } } }`)).toEqual(tooMany)
    expect(messages(`{ some(first: null) { nodes { ${names(300)} } } }`)).toEqual([])
    expect(messages(`{ newest { ${names(50)} } }`)).toEqual(tooMany)
    expect(messages(`query ($n: Int!) { things(first: $n) { nodes { ${names(49)} } } }`)).toEqual(tooMany)
    expect(messages(`{ things(first: 1000000) { nodes { ${names(48)} } } }`)).toEqual([])
    expect(messages(`{ things(first: -5) { nodes { ${names(200)} } } }`)).toEqual([])
  })

  it('multiply the pages within pages, through fragments and interfaces', () => {
    expect(messages('{ things(first: 100) { nodes { parts(last: 40) { name } } } }')).toEqual([])
    expect(messages('{ things(first: 100) { nodes { parts(last: 100) { name } } } }')).toEqual(tooMany)
    const fragment = 'fragment F on Named { parts(last: 100) { name } }'
    expect(messages(`{ things(first: 100) { nodes { ...F } } } ${fragment}`)).toEqual(tooMany)
    expect(messages(`{ things(first: 100) { nodes { ... on Named { parts(last: 100) { name } } } } }`)).toEqual(tooMany)
    const within = '{ things(first: 100) { nodes { things(first: 100) { nodes { name } } } } }'
    expect(messages(within)).toEqual(tooMany)
  })
})
