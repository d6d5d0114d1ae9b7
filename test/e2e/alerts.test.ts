import { join } from 'node:path'
import { expect, it } from 'vitest'
import { membersOf } from '../chaos/processes.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { startServer } from '../support/server-process.ts'
import { signInAt, type SignedInUser, signUpAt } from '../support/signed-in.ts'

interface Listed {
  readonly alerts: { readonly nodes: readonly { readonly kind: string; readonly message: string }[] }
}

const query = `query ($active: Boolean!) {
  alerts(active: $active) { nodes { kind isActive message member nodeId clearedAt } }
}`

/** The alerts about members. */
async function failures(root: SignedInUser, active: boolean) {
  const { alerts } = await root.request<Listed>(query, { active })
  return alerts.nodes.filter(({ kind }) => kind === 'MEMBER_FAILED')
}

it('a member that is killed is an alert of the primary, which the end of the server clears', async () => {
  await using folder = await makeTestFolder()
  const dataDir = join(folder.path, 'data')
  const settings = { WEB_CONCURRENCY: '2', TASK_RELOAD: 'off' }
  await using first = await startServer(dataDir, settings)
  const root = await signUpAt(first.url, 'root', first.setupToken)
  const [victim] = membersOf(first.pid)
  if (victim === undefined) throw new Error('The primary has no members.')
  process.kill(victim.pid, 'SIGKILL')
  await eventually(async () => (await failures(root, true).catch(() => [])).length > 0, 20_000)
  const told = {
    message: expect.stringMatching(/^Member [12] ended: CRASHED, signal SIGKILL\.$/),
    member: 0,
    nodeId: null,
  }
  expect(await failures(root, true)).toEqual([{ kind: 'MEMBER_FAILED', isActive: true, clearedAt: null, ...told }])
  expect(await first.stop('SIGTERM')).toBe(0)

  await using second = await startServer(dataDir, settings)
  const again = await signInAt(second.url, root)
  const message = expect.stringMatching(/^The process stopped\. Before: Member [12] ended: CRASHED, signal SIGKILL\.$/)
  expect(await failures(again, false)).toEqual([
    { kind: 'MEMBER_FAILED', isActive: false, ...told, clearedAt: expect.any(String), message },
  ])
  expect(await failures(again, true)).toEqual([])
}, 60_000)
