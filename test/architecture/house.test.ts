import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'
import { barrels, composition, libraryDoors, longFiles, nodeDoors, rooms } from './house.ts'
import { survey } from './survey.ts'

const shipped = ['src', 'client', 'bin']
const sources = globSync(
  shipped.map((folder) => `${folder}/**/*.{ts,js,mjs}`),
  { cwd: projectRoot },
).toSorted()

describe('the house', async () => {
  const { files, imports, violations } = await survey(projectRoot, shipped)

  it('is surveyed whole', () => {
    expect(sources.length).toBeGreaterThan(50)
    expect(files.filter((file) => sources.includes(file)).toSorted()).toEqual(sources)
    expect(imports).toBeGreaterThan(2 * sources.length)
  })

  it('has imports in the allowed directions and through the allowed doors only', () => {
    expect(violations).toEqual([])
  })

  it('has no door that leads nowhere', () => {
    const paths = [...Object.values(libraryDoors), ...Object.values(nodeDoors), composition, barrels, longFiles].flat()
    const rooming = Object.keys(rooms).map((room) => `src/${room}/`)
    const nowhere = [...paths, ...rooming].filter((path) => !sources.some((file) => new RegExp(`^${path}`).test(file)))
    expect(nowhere).toEqual([])
  })

  it('knows every library that is shipped', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
    expect(manifest).toHaveProperty('dependencies')
    const { dependencies } = manifest as { dependencies: object }
    expect(Object.keys(libraryDoors).toSorted()).toEqual(Object.keys(dependencies).toSorted())
  })

  it('has no file over 300 lines but those that are one thing', () => {
    const lines = (file: string) => readFileSync(join(projectRoot, file), 'utf8').split('\n').length - 1
    expect(sources.filter((file) => lines(file) > 300)).toEqual(longFiles)
  })
})

describe('the survey', () => {
  it('finds what breaks a rule: types, late imports, doors, circles, barrels and strangers', async () => {
    const { violations } = await survey(join(import.meta.dirname, 'fixtures'), ['src', 'client'])
    expect(violations.map((violation) => violation.replace(/[./]*node_modules\/([\w-]+)\/.*/, '$1'))).toEqual([
      'adapters are strangers to each other: src/adapters/one/one.ts → src/adapters/two/two.ts',
      'core imports nothing of ours: src/core/outward-later.ts → src/services/a/service.ts',
      'core imports nothing of ours: src/core/outward-type.ts → src/services/a/service.ts',
      'core imports nothing of ours: src/core/outward.ts → src/services/a/service.ts',
      'every file of src is in a room: src/odd/odd.ts',
      'every import is found: src/services/a/lost.ts → ./no-such-file.ts',
      'every library has a door: src/services/a/undoored.ts → vitest',
      'kysely has its door in src/adapters/sql/: src/services/a/sql.ts → kysely',
      'node:sqlite has its door in src/adapters/sql/node-sqlite.ts: src/services/a/sql.ts → node:sqlite',
      'nothing imports in a circle: src/services/a/round-one.ts → src/services/a/round-two.ts',
      'of src only the command line uses the client: src/server/client.ts → client/page.ts',
      'only barrels hand on: src/services/a/barrel.ts → src/services/a/service.ts',
      'the client imports nothing of the server: client/server.ts → src/services/a/service.ts',
      'the client runs in a browser: client/page.ts → path',
      'what is shipped needs nothing that only developers have: src/services/a/undoored.ts → vitest',
    ])
  })
})
