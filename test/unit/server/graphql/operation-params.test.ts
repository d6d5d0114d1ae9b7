import { describe, expect, it } from 'vitest'
import { operationFromBody, operationFromSearch } from '../../../../src/server/graphql/operation-params.ts'

const refused = (message: string) => expect.objectContaining({ code: 'BAD_REQUEST', message })

describe('an operation in a body', () => {
  it('is taken without members that nobody knows', () => {
    expect(operationFromBody({ query: '{ a }', variables: { x: 1 }, extensions: null, id: 7 })).toEqual({
      query: '{ a }',
      variables: { x: 1 },
      operationName: null,
      extensions: null,
    })
  })

  it.each([
    [null, 'The body must be a JSON object with a "query".'],
    ['{ a }', 'The body must be a JSON object with a "query".'],
    [7, 'The body must be a JSON object with a "query".'],
    [[], 'Several operations in one request are not supported: send one object.'],
    [{}, 'The request has no "query".'],
    [{ query: null }, 'The request has no "query".'],
    [{ query: 7 }, '"query" must be a string.'],
    [{ query: '', operationName: {} }, '"operationName" must be a string.'],
    [{ query: '', variables: [] }, '"variables" must be an object.'],
    [{ query: '', variables: 'x' }, '"variables" must be an object.'],
    [{ query: '', extensions: false }, '"extensions" must be an object.'],
  ])('%j is refused', (body, message) => {
    expect(() => operationFromBody(body)).toThrow(refused(message))
  })
})

describe('the text of an operation', () => {
  it('has a limit, which the refusal names', () => {
    expect(operationFromBody({ query: ' '.repeat(65_536) }).query).toHaveLength(65_536)
    expect(() => operationFromBody({ query: ' '.repeat(65_537) })).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE', details: { limit: 65_536 } }),
    )
  })
})

describe('an operation in a query string', () => {
  it('is taken', () => {
    expect(operationFromSearch('query=%7Ba%7D&variables=%7B%22x%22%3A1%7D&operationName=A')).toEqual({
      query: '{a}',
      variables: { x: 1 },
      operationName: 'A',
      extensions: null,
    })
  })

  it.each([
    ['', 'The request has no "query".'],
    ['query=a&query=b', 'The parameter "query" was sent more than once.'],
    ['query=a&variables={', 'The parameter "variables" is not valid JSON.'],
    ['query=a&extensions=[]', '"extensions" must be an object.'],
  ])('%j is refused', (search, message) => {
    expect(() => operationFromSearch(search)).toThrow(refused(message))
  })
})
