import { describe, expect, it } from 'vitest'
import { placeFile, readUploadMap } from '../../../../src/server/http/upload-map.ts'

const operations = () =>
  JSON.parse(
    '{"query":"…","variables":{"file":null,"taken":1,"files":[null,null],"in":{"deep":{"file":null}},"__proto__":{"a":null}}}',
  )

describe('the map of an upload', () => {
  it('names the places of files, in lists and objects too', () => {
    const target = operations()
    const map = readUploadMap({ a: ['variables.file', 'variables.in.deep.file'], b: ['variables.files.1'] }, target, 4)
    for (const [field, paths] of map) for (const path of paths) placeFile(target, path, field)
    expect(target.variables).toMatchObject({ file: 'a', files: [null, 'b'], in: { deep: { file: 'a' } } })
  })

  it.each([
    ['no object', [], '"map" must be a JSON object.'],
    ['text', 'x', '"map" must be a JSON object.'],
    ['null', null, '"map" must be a JSON object.'],
    ['nothing', {}, '"map" names no file.'],
    ['no list of places', { a: 'variables.file' }, '"map" must give "a" a list of places.'],
    ['an empty list of places', { a: [] }, '"map" must give "a" a list of places.'],
    ['a place that is no text', { a: [7] }, '"map" may point to variables only, not to 7.'],
    ['a place outside the variables', { a: ['query'] }, '"map" may point to variables only, not to "query".'],
    ['the variables themselves', { a: ['variables'] }, '"map" may point to variables only, not to "variables".'],
    [
      'a prototype',
      { a: ['variables.__proto__.a'] },
      '"map" may point to variables only, not to "variables.__proto__.a".',
    ],
    [
      'a constructor',
      { a: ['variables.constructor.name'] },
      '"map" may point to variables only, not to "variables.constructor.name".',
    ],
    ['an inherited member', { a: ['variables.toString'] }, '"map" points to "variables.toString", which is not there.'],
    [
      'a place that is not there',
      { a: ['variables.nothing'] },
      '"map" points to "variables.nothing", which is not there.',
    ],
    ['a place below null', { a: ['variables.file.x'] }, '"map" points to "variables.file.x", which is not there.'],
    ['a place beyond a list', { a: ['variables.files.2'] }, '"map" points to "variables.files.2", which is not there.'],
    ['a place that is taken', { a: ['variables.taken'] }, '"map" points to "variables.taken", which is not null.'],
    ['one place twice', { a: ['variables.file'], b: ['variables.file'] }, '"map" names the same place twice.'],
    ['a batch', { a: ['0.variables.file'] }, '"map" may point to variables only, not to "0.variables.file".'],
  ])('is refused with %s', (_, map, message) => {
    expect(() => readUploadMap(map, operations(), 4)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', message }))
  })

  it('is refused with more files than are allowed', () => {
    const map = { a: ['variables.file'], b: ['variables.files.0'] }
    expect(() => readUploadMap(map, operations(), 1)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE', message: 'At most 1 files can be sent in one request.' }),
    )
  })

  it('leaves every prototype alone', () => {
    const target = operations()
    expect(() => readUploadMap({ a: ['variables.file.__proto__'] }, target, 4)).toThrow('may point to variables only')
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false)
  })
})
