import { describe, expect, it } from 'vitest'
import { charset, essence, negotiate, wantsPage } from '../../../../src/server/http/media-type.ts'

describe('the media type of an answer', () => {
  it.each([
    [null, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/json', 'application/json'],
    ['Application/JSON; charset=utf-8', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    // Apollo Client
    ['application/graphql-response+json,application/json;q=0.9', 'application/graphql-response+json'],
    // urql
    [
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
      'application/graphql-response+json',
    ],
    ['text/event-stream', 'text/event-stream'],
    ['text/event-stream, multipart/mixed', 'text/event-stream'],
    ['application/vnd.millrace.poll+json', 'application/vnd.millrace.poll+json'],
    ['application/json;q=0.1, text/event-stream;q=0.5', 'text/event-stream'],
    ['application/json;q=0, */*', null],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
    ['text/html', null],
    ['image/png, text/plain', null],
    ['application/json;q=7', null],
    [',,;', null],
  ])('for Accept %s is %s', (accept, expected) => {
    expect(negotiate(accept)).toBe(expected)
  })
})

describe('a page', () => {
  it('is wanted by a browser that navigates', () => {
    expect(wantsPage('GET', 'text/html,application/xhtml+xml,*/*;q=0.8')).toBe(true)
    expect(wantsPage('POST', 'text/html')).toBe(false)
    expect(wantsPage('GET', '*/*')).toBe(false)
    expect(wantsPage('GET', null)).toBe(false)
  })
})

describe('a content type', () => {
  it('has an essence and a charset', () => {
    expect(essence('Multipart/Form-Data; boundary=x')).toBe('multipart/form-data')
    expect(essence('')).toBeNull()
    expect(essence(null)).toBeNull()
    expect(charset('application/json; charset="UTF-8"')).toBe('utf-8')
    expect(charset('application/json')).toBeNull()
  })
})
