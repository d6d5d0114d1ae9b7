import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import type { GraphQLSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { printedSchema } from '../../scripts/generators/schema.ts'
import { projectRoot, runCommand } from '../../scripts/run-command.ts'
import { readDocuments } from './markdown.ts'

const documents = readDocuments()

/** Every command in a sentence or a shell block, each once; the commands of one line apart. */
const commands = [
  ...new Set(
    documents
      .flatMap(({ blocks, inlineCode }) => [
        ...inlineCode,
        ...blocks
          .filter(({ language }) => ['sh', 'bash', 'shell', 'console'].includes(language))
          .map(({ text }) => text),
      ])
      .flatMap((text) => text.replaceAll('\\\n', ' ').split(/\n|&&|\||;/))
      .map((command) => command.replace(/ # .*/, '').trim().replace(/^\$ /, '')),
  ),
]

const operations = documents.flatMap(({ path, blocks }) =>
  blocks.filter((block) => block.language === 'graphql').map(({ text }) => ({ path, text })),
)

async function helpOf(words: readonly string[]): Promise<string> {
  const { output } = await runCommand('node', ['bin/millrace.mjs', ...words, '--help'], {
    output: 'capture',
    signal: AbortSignal.timeout(20_000),
  })
  return output
}

/** What is wrong with a `millrace` command, by what its `--help` says; `null` when nothing is. */
async function mistakeIn(command: string): Promise<string | null> {
  const words = command.replace(/^npx /, '').split(/\s+/).slice(1)
  const [name = '', second = ''] = words
  const help = await helpOf([name])
  const full = help.includes('Commands:') ? await helpOf([name, second]) : help
  const path = full === help ? name : `${name} ${second}`
  if (!full.startsWith(`Usage: millrace ${path} `)) return `${command}: there is no such command`
  const unknown = command.match(/--[a-z][a-z-]*/g)?.find((option) => !full.includes(option)) ?? null
  return unknown === null ? null : `${command}: there is no option ${unknown}`
}

describe('commands in documents', () => {
  it('are scripts of package.json', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
    // package.json has scripts: what follows would fail without.
    const { scripts } = manifest as { scripts: object }
    const mentioned = commands.flatMap(
      (command) => /^npm (?:run )?(start|test|(?<=run )[\w:-]+)/.exec(command)?.[1] ?? [],
    )
    expect(mentioned).toEqual(expect.arrayContaining(['start', 'test', 'check', 'fix']))
    expect(mentioned.filter((script) => !(script in scripts))).toEqual([])
  })

  it('are commands and options that `millrace` has', { timeout: 60_000 }, async () => {
    const ours = commands.filter((command) => /^(npx )?millrace [a-z]/.test(command))
    expect(ours.length).toBeGreaterThan(3)
    const mistakes = await Promise.all(ours.map(mistakeIn))
    expect(mistakes.filter((mistake) => mistake !== null)).toEqual([])
    expect(await mistakeIn('millrace nothing')).toBe('millrace nothing: there is no such command')
    expect(await mistakeIn('millrace start --nothing')).toBe('millrace start --nothing: there is no option --nothing')
  })
})

/** What is wrong with the operations of the documents that the path chooses, by the schema. */
function mistakesUnder(schema: GraphQLSchema, isChosen: (path: string) => boolean): readonly string[] {
  return operations
    .filter(({ path }) => isChosen(path))
    .flatMap(({ path, text }) => validate(schema, parse(text)).map((error) => `${path}: ${error.message}`))
}

describe('GraphQL in documents', () => {
  const ownTask = 'examples/own-task'

  it('is valid against schema.graphql', () => {
    const schema = buildSchema(readFileSync(join(projectRoot, 'schema.graphql'), 'utf8'))
    expect(operations.map((operation) => operation.path)).toContain('README.md')
    expect(mistakesUnder(schema, (path) => !path.startsWith(ownTask))).toEqual([])
  })

  it('is valid with a task of one’s own against the schema that this task makes', async () => {
    const schema = buildSchema(await printedSchema(ownTask))
    expect(operations.map((operation) => operation.path)).toContain(`${ownTask}/README.md`)
    expect(mistakesUnder(schema, (path) => path.startsWith(ownTask))).toEqual([])
  })
})
