import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** The suites that open whole servers and run over one process alone, and why. */
export const aloneSuites: Readonly<Record<string, string>> = {
  'test/api/http/upload-quota.test.ts': 'The bytes of uploads under way are counted by each process for itself.',
  'test/api/operations.test.ts': 'It is about what one process tells of itself; clusters have tests of their own.',
  'test/api/request-lines.test.ts': 'It is about what one process writes.',
  'test/api/second-lock.test.ts': 'It calls the services of one process, with no way in between.',
  'test/api/secrets-in-logs.test.ts': 'It is about what one process writes.',
}

/** What opens a whole server, by the file that has it. */
const openers = ['src/app.ts', 'test/support/create-test-app.ts', 'test/support/server-process.ts']

/** Opens servers as the run deploys them. */
const deployingOpener = 'test/support/create-test-app.ts'

export interface ServerSuites {
  /** Those that run a second and a third time, over a cluster and over a cluster with Redis. */
  readonly deployed: readonly string[]
  /** Those that open servers, and neither run over deployments nor are said to be alone. There should be none. */
  readonly forgotten: readonly string[]
}

/** Sorts the suites of API and transports by what they reach through their imports. Paths are relative to the root. */
export function findServerSuites(root: string, alone: Readonly<Record<string, string>> = aloneSuites): ServerSuites {
  const suites = globSync(['test/api/**/*.test.ts', 'test/transports/**/*.test.ts'], { cwd: root }).toSorted()
  const reached = new Map(suites.map((suite) => [suite, reachedFrom(suite, root)]))
  const placed = suites.filter((suite) => alone[suite] === undefined)
  const deployed = placed.filter((suite) => reached.get(suite)?.has(deployingOpener))
  const opening = placed.filter((suite) => openers.some((opener) => reached.get(suite)?.has(opener)))
  return { deployed, forgotten: opening.filter((suite) => !deployed.includes(suite)) }
}

/** The file, and what it imports: of the tests' own files all that these import, too, of others the names alone. */
function reachedFrom(path: string, root: string, reached = new Set<string>()): ReadonlySet<string> {
  if (reached.has(path)) return reached
  reached.add(path)
  if (!path.startsWith('test/')) return reached
  const text = readFileSync(join(root, path), 'utf8')
  for (const [, names = '', from = ''] of text.matchAll(importing)) {
    // A type opens nothing.
    if (/^\s*(\{(\s*type \w+,?)+\s*\}|type\b.*)\s*$/s.test(names)) continue
    reachedFrom(relative(root, resolve(root, dirname(path), from)), root, reached)
  }
  return reached
}

const importing = /(?:^|\n)(?:import|export)\b([^'";]*?)(?:from )?'(\.[^']+\.ts)'/g
