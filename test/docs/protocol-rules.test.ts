import { globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sections, suite } from '../../conformance/suite.ts'
import { projectRoot } from '../../scripts/run-command.ts'

interface Rule {
  readonly number: string
  readonly isChecked: boolean
  readonly level: 'MUST' | 'SHOULD'
  /** The heading that it stands under. */
  readonly section: string
}

/** The numbered rules of docs/protocol.md, in their order. */
function readRules(): readonly Rule[] {
  const text = readFileSync(join(projectRoot, 'docs/protocol.md'), 'utf8')
  return text.split(/^##+ /m).flatMap((part) => {
    const section = part.split('\n', 1)[0] ?? ''
    return [...part.matchAll(/^\* \*\*([A-Z]\d+)(†?)\*\* ((?:.+\n)+?)(?=\*|\n)/gm)].map(
      ([, number = '', dagger, sentence = '']): Rule => ({
        number,
        isChecked: dagger === '',
        level: sentence.includes('MUST') || !sentence.includes('SHOULD') ? 'MUST' : 'SHOULD',
        section,
      }),
    )
  })
}

describe('the rules of the protocol', () => {
  const rules = readRules()
  const checked = rules.filter(({ isChecked }) => isChecked)

  it('are found, each once, numbered without a hole', () => {
    expect(rules.length).toBeGreaterThan(80)
    const letters = [...new Set(rules.map(({ number }) => number.charAt(0)))]
    const expected = letters.flatMap((letter) =>
      rules.filter(({ number }) => number.startsWith(letter)).map((_, index) => `${letter}${index + 1}`),
    )
    expect(rules.map(({ number }) => number)).toEqual(expected)
  })

  it('are checked, all but those with a dagger, and nothing is checked that is no rule', () => {
    const named = new Set(suite.map(({ rule }) => rule))
    expect([...named].toSorted()).toEqual(checked.map(({ number }) => number).toSorted())
  })

  it('are as strong as their checks say, and stand where they say', () => {
    const byNumber = new Map(checked.map((rule) => [rule.number, rule]))
    const wrong = suite.filter(({ rule, level }) => {
      const { section = '', level: written } = byNumber.get(rule) ?? {}
      return written !== level || sections[rule.charAt(0)] !== section
    })
    expect(wrong.map(({ id, rule }) => `${id} ${rule}`)).toEqual([])
  })
})

describe('the checks of the protocol', () => {
  it('have ids of their own', () => {
    expect(new Set(suite.map(({ id }) => id)).size).toBe(suite.length)
  })

  it('need nothing of the server that they check', () => {
    const files = globSync('conformance/**/*.ts', { cwd: projectRoot })
    expect(files.length).toBeGreaterThan(20)
    const imports = files.flatMap((file) => {
      const text = readFileSync(join(projectRoot, file), 'utf8')
      return [...text.matchAll(/from '([^']+)'/g)].map(([, target = '']) =>
        target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
      )
    })
    const allowed = ['ws', 'graphql-ws', 'graphql-sse']
    const isOwn = (target: string) =>
      target.startsWith('conformance/') ||
      allowed.includes(target) ||
      builtinModules.includes(target.replace('node:', ''))
    expect(imports.length).toBeGreaterThan(50)
    expect(imports.filter((target) => !isOwn(target))).toEqual([])
  })
})
