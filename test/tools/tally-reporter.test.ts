import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot, runCommand } from '../../scripts/run-command.ts'
import { tallyVariable } from '../../scripts/tally-reporter.ts'

/** Runs vitest over one of the fixtures and answers its tally. */
async function tallyOf(fixture: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tally-'))
  try {
    const path = join(folder, 'tally.json')
    const reporter = join(projectRoot, 'scripts/tally-reporter.ts')
    const root = join(projectRoot, 'test/tools/fixtures')
    await runCommand('vitest', ['run', '--root', root, `--reporter=${reporter}`, `${fixture}.case.ts`], {
      env: { [tallyVariable]: path },
      output: 'capture',
      signal: AbortSignal.timeout(20_000),
    })
    return JSON.parse(readFileSync(path, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the tally of a test run', { timeout: 30_000 }, () => {
  it('counts what passed', async () => {
    expect(await tallyOf('passing')).toEqual({ passed: 1, failed: 0, notRun: [] })
  })

  it('counts failures, tests that did not run, and hooks that failed, as failed', async () => {
    expect(await tallyOf('mixed')).toEqual({
      passed: 2,
      failed: 5,
      notRun: ['mixed.case.ts > is skipped', 'mixed.case.ts > is not written', 'mixed.case.ts > skips itself'],
    })
  })

  it('counts a file that cannot be collected as failed', async () => {
    expect(await tallyOf('broken')).toEqual({ passed: 0, failed: 1, notRun: [] })
  })

  it('counts an error that nobody handled as failed', async () => {
    expect(await tallyOf('unhandled')).toEqual({ passed: 1, failed: 1, notRun: [] })
  })
})
