import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'
import { aloneSuites, findServerSuites } from '../support/deployed-suites.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

describe('the suites that run over deployments', () => {
  it('are all that open whole servers, but for those that say why not', () => {
    const { deployed, forgotten } = findServerSuites(projectRoot)
    expect(forgotten).toEqual([])
    expect(deployed.length).toBeGreaterThan(25)
  })

  it('leave out only suites that are there, and that open servers', () => {
    const { deployed, forgotten } = findServerSuites(projectRoot, {})
    const opening = [...deployed, ...forgotten]
    expect(Object.keys(aloneSuites).filter((suite) => !opening.includes(suite))).toEqual([])
    expect(Object.keys(aloneSuites).filter((suite) => !existsSync(join(projectRoot, suite)))).toEqual([])
  })

  it('are found by what they import, through whatever file', async () => {
    await using folder = await makeTestFolder()
    const files = {
      'test/support/create-test-app.ts': "import { createApp } from '../../src/app.ts'",
      'test/support/open-somehow.ts': "import {\n  type App,\n  createTestApp,\n} from './create-test-app.ts'",
      'test/api/deep/indirect.test.ts': "import { openSomehow } from '../../support/open-somehow.ts'",
      'test/transports/direct.test.ts': "import { type App, createApp } from '../../src/app.ts'",
      'test/transports/process.test.ts': "import { startServer } from '../support/server-process.ts'",
      'test/support/server-process.ts': '',
      'test/api/alone.test.ts': "import { createTestApp } from '../support/create-test-app.ts'",
      'test/api/none.test.ts':
        "import type { App } from '../../src/app.ts'\nimport { type Open } from '../support/open-somehow.ts'",
    }
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder.path, path)), { recursive: true })
      await writeFile(join(folder.path, path), text)
    }
    expect(findServerSuites(folder.path, { 'test/api/alone.test.ts': 'It wants to be.' })).toEqual({
      deployed: ['test/api/deep/indirect.test.ts'],
      forgotten: ['test/transports/direct.test.ts', 'test/transports/process.test.ts'],
    })
  })
})
