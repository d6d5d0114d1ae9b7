import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { send } from '../../support/http/requests.ts'
import { openTestApp } from '../../support/open-test-app.ts'
import { makeTestFolder } from '../../support/open-test-store.ts'
import { signUpAt } from '../../support/signed-in.ts'

it('/readyz says so while another process holds the lock of the database, and reads go on', async () => {
  await using folder = await makeTestFolder()
  const dataDir = join(folder.path, 'data')
  await using app = await openTestApp({ dataDir })
  const user = await signUpAt(app.url, 'ada', app.setupToken)
  const ready = async () => {
    const { status, body } = await send(Number(new URL(app.url).port), { path: '/readyz' })
    return [status, JSON.parse(body).checks.store.status]
  }
  expect(await ready()).toEqual([200, 'ok'])
  using other = new DatabaseSync(join(dataDir, 'millrace.sqlite'))
  other.exec('begin immediate')
  const written = user.request('mutation { submitJob(task: "computeFibonacci", input: { n: 1 }) { __typename } }')
  await expect.poll(ready, { timeout: 8_000 }).toEqual([200, 'degraded'])
  expect(await user.request('{ me { __typename } }')).toEqual({ me: { __typename: 'User' } })
  other.exec('rollback')
  expect(await written).toEqual({ submitJob: { __typename: 'JobAccepted' } })
  await expect.poll(ready, { timeout: 8_000 }).toEqual([200, 'ok'])
})
