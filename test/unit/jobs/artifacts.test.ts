import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous, type Principal } from '../../../src/core/principal.ts'
import { cleanFileName, cleanMediaType } from '../../../src/services/jobs/artifact-names.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestMill, type TestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { uploadFile } from '../../support/upload-file.ts'

function upload(mill: TestMill, principal: Principal, content: string) {
  return uploadFile(mill.artifacts, principal, content)
}

describe('uploading', () => {
  it('makes an artifact of the owner out of what was received', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const owner = somebody()
    const artifact = await upload(mill, owner, 'a,b\n')
    expect(artifact).toEqual({
      id: expect.stringMatching(/^art_/),
      ownerId: owner.userId,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      size: 4,
      fileName: 'a.csv',
      mediaType: 'text/csv',
      createdAt: clock.now(),
    })
    expect(await mill.artifacts.find(owner, artifact.id)).toEqual(artifact)
    expect(await text(await mill.artifacts.read(artifact))).toBe('a,b\n')
    expect(await text(await mill.artifacts.read(artifact, { start: 1, end: 2 }))).toBe(',b')
  })

  it('asks for somebody with the scope artifacts:write, before the first byte and after the last', async () => {
    await using mill = await openTestMill()
    const reader = somebody({ scopes: ['artifacts:read', 'jobs:write'] })
    await expect(mill.artifacts.openUpload(anonymous, 0)).rejects.toThrow('Sign in first.')
    await expect(mill.artifacts.openUpload(reader, 0)).rejects.toThrow(
      'The credential lacks the scope artifacts:write.',
    )
    using opened = await mill.artifacts.openUpload(somebody(), 0)
    for (const [principal, code] of [
      [anonymous, 'UNAUTHENTICATED'] as const,
      [reader, 'INSUFFICIENT_SCOPE'] as const,
    ]) {
      const blob = await opened.receive(Readable.from(['x']))
      const file = { blob, fileName: 'a.csv', mediaType: 'text/csv' }
      await expect(mill.artifacts.upload(principal, file)).rejects.toMatchObject({ code })
    }
    expect(await Array.fromAsync(mill.blobs.list())).toEqual([])
  })

  it('refuses a file over the limit', async () => {
    await using mill = await openTestMill()
    await expect(upload(mill, somebody(), 'x'.repeat(1001))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    expect(await upload(mill, somebody(), 'x'.repeat(1000))).toMatchObject({ size: 1000 })
  })

  it('refuses more than the owner may keep, also when several come at once, and keeps nothing of what it refuses', async () => {
    await using mill = await openTestMill({ quotaBytes: 25 })
    const owner = somebody()
    await upload(mill, owner, '1234567890')
    const refused = await upload(mill, owner, 'abcdefghijklmnop').catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      quota: 'artifactBytes',
      limit: 25,
      message: 'There is no room for it: of the 25 bytes that you may keep, 10 are in use.',
    })
    const results = await Promise.allSettled(
      ['0123456789', '1234567890', '2345678901'].map((content) => upload(mill, owner, content)),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await mill.store.read(({ artifacts }) => artifacts.bytesOf(owner.userId))).toBe(20)
    expect(await Array.fromAsync(mill.blobs.list())).toHaveLength(2)
    await upload(mill, somebody(), 'abcdefghijklmnop')
  })
})

describe('finding an artifact', () => {
  it('knows those of the owner only, but all for an administrator with the scope', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const artifact = await upload(mill, owner, 'x')
    const { id } = artifact
    expect(await mill.artifacts.find(somebody(), id)).toBeNull()
    expect(await mill.artifacts.find(owner, newId('artifact'))).toBeNull()
    expect(await mill.artifacts.find(owner, '../x')).toBeNull()
    expect(await mill.artifacts.find(somebody({ roles: ['user', 'admin'] }), id)).toEqual(artifact)
    await expect(mill.artifacts.find(anonymous, id)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(mill.artifacts.find({ ...owner, scopes: ['artifacts:write'] }, id)).rejects.toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
    })
  })
})

describe('the name of an uploaded file', () => {
  it.each([
    ['report.csv', 'report.csv'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\a b.csv', 'a b.csv'],
    ['a\r\nSet-Cookie: x\u0000.csv', 'aSet-Cookie: x.csv'],
    ['photo\u202Egpj.exe', 'photogpj.exe'],
    ['räksmo\u0308rgås 🦐.csv', 'räksmörgås 🦐.csv'],
    ['\uD800broken', '\uFFFDbroken'],
    ['', 'file'],
    ['  ', 'file'],
    ['..', 'file'],
    ['folder/', 'file'],
  ])('%j is kept as %j', (given, kept) => {
    expect(cleanFileName(given)).toBe(kept)
  })

  it('is cut to 255 characters in front of its extension', () => {
    const name = cleanFileName(`${'🦐'.repeat(300)}.csv`)
    expect([...name]).toHaveLength(255)
    expect(name.endsWith('🦐.csv')).toBe(true)
    expect([...cleanFileName('x'.repeat(400))]).toHaveLength(255)
  })
})

describe('the media type of an uploaded file', () => {
  it.each([
    ['text/csv', 'text/csv'],
    ['Text/CSV; charset=utf-8', 'text/csv'],
    ['application/vnd.ms-excel', 'application/vnd.ms-excel'],
    ['', 'application/octet-stream'],
    ['csv', 'application/octet-stream'],
    ['text/csv\r\nx: y', 'application/octet-stream'],
    [`text/${'x'.repeat(200)}`, 'application/octet-stream'],
  ])('%j is kept as %j', (given, kept) => {
    expect(cleanMediaType(given)).toBe(kept)
  })
})
