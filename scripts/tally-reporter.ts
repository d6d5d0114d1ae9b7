import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** What a run came to. Whatever did not pass counts as failed. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  /** Failures that a test runner does not show as such: tests that did not run. */
  readonly notRun: readonly string[]
}

/** The variable with the path of the file that the tally is written to. */
export const tallyVariable = 'MILLRACE_TALLY'

/** Counts a vitest run: failed, skipped and unfinished tests, hooks and files that failed, errors that nobody handled. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const path = process.env[tallyVariable]
    if (path === undefined) throw new TypeError(`${tallyVariable} must name the file to write the tally to.`)
    writeFileSync(path, JSON.stringify(tallyOf(modules, unhandledErrors.length)))
  }
}

function tallyOf(modules: readonly TestModule[], unhandledErrors: number): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const passed = tests.filter((test) => test.result().state === 'passed').length
  const brokenSuites = suites.filter((suite) => suite.errors().length > 0).length
  const notRun = tests.filter((test) => ['skipped', 'pending'].includes(test.result().state))
  return {
    passed,
    failed: tests.length - passed + brokenSuites + unhandledErrors,
    notRun: notRun.map((test) => `${test.module.relativeModuleId} > ${test.fullName}`),
  }
}
