import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filePasswordBlocklist } from '../../src/adapters/local/file-password-blocklist.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase()

/** A list in a file of these bytes. */
async function listOf(content: string | Uint8Array, maxPasswords?: number) {
  await using folder = await makeTestFolder()
  const path = join(folder.path, 'list.txt')
  await writeFile(path, content)
  return await filePasswordBlocklist({ path, ...(maxPasswords === undefined ? {} : { maxPasswords }) })
}

/** What is said of the list, without where it lies. */
async function complaintOf(list: Promise<unknown>): Promise<string> {
  const error: unknown = await list.catch((reason: unknown) => reason)
  if (!(error instanceof Error)) throw new TypeError('The list was taken.')
  expect(error).toMatchObject({ code: 'PASSWORD_BLOCKLIST_UNUSABLE' })
  return error.message.replace(/^The list of passwords \S+ cannot be used: /, '')
}

describe('a list of passwords in a file', () => {
  it('holds the passwords of its lines, in any order, and no others', async () => {
    const list = await listOf('violet hum table\r\ncorrect horse\n\n  spaces count \nlast without an end')
    for (const password of ['violet hum table', 'correct horse', '  spaces count ', 'last without an end']) {
      expect(list.has(password)).toBe(true)
    }
    for (const password of ['', 'violet hum', 'correct horse\r', 'spaces count', 'VIOLET HUM']) {
      expect(list.has(password)).toBe(false)
    }
  })

  it('takes SHA-1 hashes as Have I Been Pwned gives them out, with counts or without', async () => {
    const lines = ['zebra', 'apple', 'mango'].map((password, i) => `${sha1(password)}:${i * 1000}`)
    const counted = await listOf(lines.join('\r\n'))
    const plain = await listOf(`${sha1('zebra').toLowerCase()}\n${sha1('apple')}\n`)
    for (const password of ['zebra', 'apple'])
      expect([counted.has(password), plain.has(password)]).toEqual([true, true])
    expect([counted.has('mango'), plain.has('mango'), counted.has(sha1('zebra'))]).toEqual([true, false, false])
  })

  it('knows a listed password in capitals, and however its letters were composed', async () => {
    const list = await listOf('crème brûlée now')
    expect(list.has('Crème Brûlée NOW')).toBe(true)
    expect(list.has('crème brûlée now'.normalize('NFD'))).toBe(true)
  })

  it('finds each of many thousands, whatever piece of the file it was read in', async () => {
    const passwords = Array.from({ length: 60_000 }, (_, i) => `pässword number ${i * 7919}`)
    const list = await listOf(passwords.join('\n'))
    expect(passwords.filter((password) => !list.has(password))).toEqual([])
    expect(Array.from({ length: 10_000 }, (_, i) => `another ${i}`).filter((password) => list.has(password))).toEqual(
      [],
    )
  })

  it('does not stumble over bytes that are no text, and lines without an end', async () => {
    const noise = Buffer.concat([Buffer.from('first\n'), Buffer.alloc(5_000_000, 0xff), Buffer.from('\nlast')])
    const list = await listOf(noise)
    expect([list.has('first'), list.has('last'), list.has('')]).toEqual([true, true, false])
  })

  it('says what is wrong with it', async () => {
    await using folder = await makeTestFolder()
    const missing = filePasswordBlocklist({ path: join(folder.path, 'missing') })
    expect(await complaintOf(missing)).toBe('there is no such file.')
    await mkdir(join(folder.path, 'sub'))
    expect(await complaintOf(filePasswordBlocklist({ path: join(folder.path, 'sub') }))).toBe('it is a folder.')
    expect(await complaintOf(listOf(''))).toBe('there is no password in it.')
    expect(await complaintOf(listOf('\n\r\n\n'))).toBe('there is no password in it.')
    expect(await complaintOf(listOf(`${sha1('a')}:1\n\n${sha1('b')}:x\n`))).toBe(
      'it begins with a SHA-1, but line 3 is none.',
    )
    expect(await complaintOf(listOf('a\nb\nc\n', 2))).toBe('it has more than 2 passwords.')
    expect((await listOf('a\nb\n', 2)).has('b')).toBe(true)
  })
})
