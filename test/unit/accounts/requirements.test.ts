import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { apiKeysRequirements } from './requirements/api-keys.ts'
import { factorsRequirements } from './requirements/factors.ts'
import { mailRequirements } from './requirements/mail.ts'
import { oauthRequirements } from './requirements/oauth.ts'
import { passkeysRequirements } from './requirements/passkeys.ts'
import { passwordsRequirements } from './requirements/passwords.ts'
import { tokensRequirements } from './requirements/tokens.ts'
import { webRequirements } from './requirements/web.ts'
import type { Requirements } from './requirements/requirement.ts'

/** All of them; each part of accounts has a file of its own. */
const requirements: Requirements = {
  ...apiKeysRequirements,
  ...factorsRequirements,
  ...mailRequirements,
  ...oauthRequirements,
  ...passkeysRequirements,
  ...passwordsRequirements,
  ...tokensRequirements,
  ...webRequirements,
}

const count = 67

const kept = Object.entries(requirements).flatMap(([number, one]) =>
  'shownBy' in one ? [[number, one.shownBy] as const] : [],
)

const tests = new URL('../../', import.meta.url)

describe('the requirements of accounts', () => {
  it('are all there, each once', () => {
    const numbers = Array.from({ length: count }, (_, index) => String(index + 1))
    expect(Object.keys(requirements)).toEqual(numbers)
  })

  it('give a reason where they are decided against', () => {
    const reasons = Object.values(requirements).flatMap((one) => ('decidedAgainst' in one ? [one.decidedAgainst] : []))
    expect(reasons.filter((reason) => reason.length < 20)).toEqual([])
  })

  it.each(kept)('have the tests that show number %s', async (_number, shownBy) => {
    expect(Object.keys(shownBy)).not.toEqual([])
    for (const [file, titles] of Object.entries(shownBy)) {
      const source = await readFile(new URL(file, tests), 'utf8')
      const found = titles.filter((title) => declares(title).test(source))
      expect([file, found]).toEqual([file, [...titles]])
    }
  })
})

/** A test of that title: of `it(…)`, or of a table by `it.each(…)(…)`; not one that is commented out. */
function declares(title: string): RegExp {
  const literal = title.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`^(?!\\s*//).*(it\\(|\\)\\()\\s*'${literal}'`, 'm')
}
