import { expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { holdUpload } from '../../support/http/hold-upload.ts'
import { openTestApp } from '../../support/open-test-app.ts'
import { signUpAt } from '../../support/signed-in.ts'

it('four uploads of a user may be under way, whichever processes take them', async () => {
  await using app = await openTestApp()
  const user = await signUpAt(app.url, 'ada')
  const port = Number(new URL(app.url).port)
  const uploads = Array.from({ length: 10 }, () => holdUpload(port, user, { size: 1_000 }))
  const refused: string[] = []
  for (const { outcome } of uploads) void outcome.then((code) => refused.push(code))
  await eventually(() => refused.length >= 6)
  expect(refused).toEqual(Array.from({ length: 6 }, () => 'RATE_LIMITED'))
  for (const upload of uploads) upload.finish()
  const outcomes = await Promise.all(uploads.map(({ outcome }) => outcome))
  expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(4)
})
