import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWrittenFiles } from '../../src/workers/pool/written-files.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { eventually } from '../support/eventually.ts'
import {
  createRecorder,
  failure,
  openTestPool,
  request,
  run,
  until,
  type Recorder,
  type TestPool,
} from './open-test-pool.ts'

describe('a file that a task writes', () => {
  let pool: TestPool
  let folder: string

  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'millrace-written-')), 'files')
    pool = await openTestPool({ filesFolder: folder, maxFileBytes: 2 ** 20 })
    await pool.describe()
  })
  afterAll(async () => {
    await pool[Symbol.asyncDispose]()
    await rm(dirname(folder), { recursive: true })
  })

  const write = (kinds: readonly string[], how = 'AWAIT', recorder: Recorder = createRecorder()) =>
    run(pool, request('writeFiles', { kinds, how }), recorder)
  const ids = (...given: string[]) => ({ type: 'succeeded', output: { ids: given } })
  const texts = (recorder: Recorder) => recorder.said.flatMap((said) => (said.type === 'file' ? [said.text] : []))

  /** That nothing is left of any file. */
  const expectNothingLeft = () => eventually(async () => !existsSync(folder) || (await readdir(folder)).length === 0)

  it('may be a text, bytes, or what gives them piece by piece', async () => {
    const recorder = createRecorder()
    const kinds = ['TEXT', 'BYTES', 'NOTHING', 'LIST', 'STREAM', 'SHARED']
    expect(await write(kinds, 'AWAIT', recorder)).toMatchObject({ type: 'succeeded' })
    const files = recorder.said.filter((said) => said.type === 'file')
    expect(new Map(files.map(({ fileName, text }) => [fileName, text]))).toEqual(
      new Map([
        ['text.txt', 'gr\u00c3\u00bcn'],
        ['bytes.txt', '\u0001\u0002\u0003'],
        ['nothing.txt', ''],
        ['list.txt', 'one two'],
        ['stream.txt', 'one two three'],
        ['shared.txt', 'AAA'],
      ]),
    )
    await expectNothingLeft()
  })

  it('lies where nobody else reads it until it has been taken', async () => {
    const modes: number[] = []
    const recorder = createRecorder()
    const listener: Recorder = {
      ...recorder,
      async file(file) {
        for (const path of [file.path, dirname(file.path)]) modes.push((await stat(path)).mode & 0o777)
        return recorder.file(file)
      },
    }
    expect(await write(['TEXT'], 'AWAIT', listener)).toEqual(ids('art_1'))
    expect(modes).toEqual([0o600, 0o700])
    expect(recorder.paths.map((path) => existsSync(path))).toEqual([false])
  })

  it('goes no faster than it is taken: four wait for their answers at most', async () => {
    const taken = Promise.withResolvers<void>()
    let asked = 0
    const listener: Recorder = {
      ...createRecorder(),
      async file() {
        asked += 1
        await taken.promise
        return `art_${asked}`
      },
    }
    const outcome = write(
      Array.from({ length: 9 }, () => 'TEXT'),
      'AWAIT',
      listener,
    )
    await until(() => asked === 4)
    // Another attempt, on the other thread, has its files taken meanwhile.
    expect(await write(['TEXT', 'TEXT'])).toMatchObject({ type: 'succeeded' })
    expect(asked).toBe(4)
    taken.resolve()
    expect(await outcome).toMatchObject({ type: 'succeeded' })
    expect(asked).toBe(9)
  })

  it('is taken before the attempt has succeeded, also when the task did not wait for it', async () => {
    const recorder = createRecorder()
    expect(await write(['STREAM', 'TEXT'], 'RETURN_BEFORE', recorder)).toEqual(ids())
    expect(texts(recorder)).toHaveLength(2)
    await expectNothingLeft()
  })

  it('that is not taken tells the task why, and fails the attempt unless the task catches that', async () => {
    const full = () => Promise.reject(new Error('You may keep 10 files.'))
    const listener = (): Recorder => ({ ...createRecorder(), file: full })
    expect(await write(['TEXT'], 'CATCH', listener())).toEqual(ids('Error: You may keep 10 files.'))
    expect(await write(['TEXT'], 'AWAIT', listener())).toEqual(failure('TASK_ERROR', 'You may keep 10 files.'))
    expect(await write(['TEXT'], 'FORGET', listener())).toEqual(failure('TASK_ERROR', 'You may keep 10 files.'))
    expect(await write(['TEXT'], 'RETURN_BEFORE', listener())).toEqual(ids())
    await expectNothingLeft()
  })

  it('is refused where it is too large, or no file at all', async () => {
    expect(await write(['ENDLESS', 'NO_PIECES', 'NO_DATA'], 'CATCH')).toEqual(
      ids(
        'Error: A file may have at most 1,048,576 bytes.',
        'TypeError: The data of a file comes in pieces that are Uint8Arrays.',
        'TypeError: artifacts.write() takes { fileName, mediaType, data }: two texts, and bytes, a text or what gives bytes piece by piece.',
      ),
    )
    await expectNothingLeft()
  })

  it('goes with an attempt that is cancelled while it writes', async () => {
    const controller = new AbortController()
    const recorder = createRecorder()
    const order = request('writeFiles', { kinds: ['HANGING', 'TEXT'] })
    const outcome = run(pool, order, recorder, controller.signal)
    await until(() => texts(recorder).length === 1)
    expect(await readdir(folder)).toHaveLength(1)
    controller.abort()
    expect(await outcome).toEqual({ type: 'cancelled' })
    await expectNothingLeft()
  })

  it('goes with an attempt that fails or loses its thread afterwards', async () => {
    expect(await write(['TEXT'], 'THROW_AFTER')).toEqual(failure('TASK_ERROR', 'It was all for nothing.'))
    expect(await write(['TEXT'], 'EXIT_AFTER')).toMatchObject({ type: 'lost' })
    await expectNothingLeft()
  })

  it('is only taken where it is a file that lies right in the folder of its attempt', async () => {
    const base = await mkdtemp(join(tmpdir(), 'millrace-taken-'))
    try {
      const folder = createWrittenFiles(base, collectingLogger()).newFolder()
      const own = join(folder.path, 'own')
      const link = join(folder.path, 'link')
      const below = join(folder.path, 'below', 'file')
      const outside = join(base, 'outside')
      await mkdir(dirname(below), { recursive: true })
      for (const file of [own, below, outside]) await writeFile(file, 'text')
      await symlink(outside, link)

      const hand = (path: string) => folder.hand(path, async () => 'art_1').catch(String)
      const refused = 'Error: The file is none that the attempt has written.'
      const up = `${folder.path}/..`
      for (const path of [outside, below, folder.path, up, `${up}/outside`, `${folder.path}/.`, link, '']) {
        expect([path, await hand(path)]).toEqual([path, refused])
      }
      expect([outside, below].map((path) => existsSync(path))).toEqual([true, true])
      expect(await hand(own)).toBe('art_1')
      expect(await hand(own)).toContain('ENOENT')
    } finally {
      await rm(base, { recursive: true })
    }
  })

  it('that a process left behind is removed by the next', async () => {
    const base = await mkdtemp(join(tmpdir(), 'millrace-left-'))
    try {
      const left = join(base, 'attempt-00000000-0000-4000-8000-000000000000-7')
      await mkdir(left)
      await writeFile(join(left, 'run-1'), 'left')
      await writeFile(join(base, 'not-ours'), 'kept')
      await using other = await openTestPool({ threads: 1, filesFolder: base })
      await eventually(async () => (await readdir(base)).length === 1)
      expect(await run(other, request('writeFiles', { kinds: ['TEXT'] }), createRecorder())).toEqual(ids('art_1'))
      expect(await readdir(base)).toEqual(['not-ours'])
    } finally {
      await rm(base, { recursive: true })
    }
  })
})
