import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attachment } from '../../../../src/server/http/content-disposition.ts'

describe('the name of a download', () => {
  it.each([
    ['cars.csv', `attachment; filename="cars.csv"; filename*=UTF-8''cars.csv`],
    ['größe 🚗.csv', `attachment; filename="gr__e __.csv"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%F0%9F%9A%97.csv`],
    ['a"b\\c.csv', `attachment; filename="a_b_c.csv"; filename*=UTF-8''a%22b%5Cc.csv`],
    [`it's (1)*.csv`, `attachment; filename="it's (1)*.csv"; filename*=UTF-8''it%27s%20%281%29%2A.csv`],
    ['', `attachment; filename="file"; filename*=UTF-8''file`],
    [
      'x\r\nSet-Cookie: a=b',
      `attachment; filename="x__Set-Cookie: a=b"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20a%3Db`,
    ],
    ['\ud800', `attachment; filename="_"; filename*=UTF-8''%EF%BF%BD`],
  ])('%j is %s', (name, expected) => {
    expect(attachment(name)).toBe(expected)
  })

  it('is a valid header whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(attachment(name)).toMatch(
          /^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]+"; filename\*=UTF-8''[\w.~%!-]+$/,
        )
      }),
    )
  })
})
