import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'
import { errorCodes } from '../../src/core/errors.ts'
import { settings } from '../../src/settings/settings.ts'
import { readMarkdown } from './markdown.ts'

const path = 'docs/accounts.md'
const { inlineCode, blocks } = readMarkdown(path, readFileSync(join(projectRoot, path), 'utf8'))
const schema = buildSchema(readFileSync(join(projectRoot, 'schema.graphql'), 'utf8'))

/** Everything that has a name in the schema: types, fields, arguments, values of enums. */
const schemaNames = new Set(
  Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isEnumType(type)) return [type.name, ...type.getValues().map(({ name }) => name)]
    if (isInputObjectType(type)) return [type.name, ...Object.keys(type.getFields())]
    if (!isObjectType(type) && !isInterfaceType(type)) return [type.name]
    const fields = Object.values(type.getFields())
    return [type.name, ...fields.flatMap(({ name, args }) => [name, ...args.map((arg) => arg.name)])]
  }),
)

/** What a name of the schema or of a setting looks like, and is something else. */
const others = [
  // Of `extensions` in errors.
  'requiredAssuranceLevel',
  'maxAgeSeconds',
  // Of WebSocket clients and of HTTP.
  'connectionParams',
  'Origin',
  'Secure',
  'HttpOnly',
  'POST',
  // Values and parts of settings, and the setting of the command line.
  'admins',
  'GITHUB',
  'MILLRACE_TOKEN',
  // Of the data folder.
  'outbox',
  'secret',
]

/** `OIDC_WORK_ISSUER` is in the table as `OIDC_<NAME>_ISSUER`. */
const isSetting = (name: string) => name in settings || name.replace(/^OIDC_WORK_/, 'OIDC_<NAME>_') in settings

describe('the document about accounts', () => {
  it('names mutations, queries, types and values that the schema has', () => {
    const named = inlineCode.flatMap((code) => /^[a-z][a-zA-Z]+$|^[A-Z][a-z][a-zA-Z]+$/.exec(code)?.[0] ?? [])
    expect(named.length).toBeGreaterThan(50)
    expect(named).toEqual(expect.arrayContaining(['createInvite', 'users', 'MfaRequired']))
    expect(named.filter((name) => !schemaNames.has(name) && !others.includes(name))).toEqual([])
  })

  it('names settings and error codes that there are', () => {
    const texts = [...inlineCode, ...blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)]
    const named = texts.flatMap((text) => text.match(/(?<![\w<])[A-Z][A-Z0-9_]{3,}(?![\w>])/g) ?? [])
    expect(named).toEqual(expect.arrayContaining(['SIGN_UP', 'OIDC_WORK_ISSUER', 'STEP_UP_REQUIRED']))
    const isKnown = (name: string) => isSetting(name) || name in errorCodes || schemaNames.has(name)
    expect(named.filter((name) => !isKnown(name) && !others.includes(name))).toEqual([])
  })

  it('gives settings values that they take', () => {
    const given = inlineCode.flatMap((text) => {
      const [, name = '', value] = /^([A-Z_]+)=(\w+)$/.exec(text) ?? []
      const setting = Object.entries(settings).find(([own]) => own === name)?.[1]
      return setting === undefined ? [] : [[text, setting.type.safeParse(value).success] as const]
    })
    expect(given.length).toBeGreaterThan(3)
    expect(given.filter(([, isTaken]) => !isTaken)).toEqual([])
  })

  it('makes no exception for what it does not name', () => {
    const text = [...inlineCode, ...blocks.map((block) => block.text)].join('\n')
    expect(others.filter((name) => !text.includes(name))).toEqual([])
  })
})
