import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { settings } from '../../src/settings.ts'
import { errorCodes } from '../../src/core/errors.ts'
import { projectRoot } from '../run-command.ts'

/** The tables that documents hold between `<!-- table: name -->` and `<!-- /table -->`. */
const tables = {
  settings: () =>
    table(
      ['Variable', 'Accepts', 'Default', 'What it does'],
      Object.entries(settings).map(([name, setting]) => [
        code(name),
        setting.accepts,
        setting.default === '' ? '' : code(setting.default),
        setting.about,
      ]),
    ),
  errors: () =>
    table(
      ['Code', 'HTTP status', 'Meaning'],
      Object.entries(errorCodes).map(([name, { status, meaning }]) => [code(name), String(status), meaning]),
    ),
} satisfies Record<string, () => string>

const block = /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- \/table -->)/g

/** Every document that holds a table, with the table made anew. Throws for a table that nobody makes. */
export function generateDocs(): ReadonlyMap<string, string> {
  const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: projectRoot }).toSorted()
  const contents = documents.map((path) => [path, readFileSync(join(projectRoot, path), 'utf8')] as const)
  return new Map(
    contents
      .filter(([, text]) => text.search(block) !== -1)
      .map(([path, text]) => [
        path,
        text.replace(block, (_, start: string, name: string, end: string) => start + render(name) + end),
      ]),
  )
}

function render(name: string): string {
  const make = Object.entries(tables).find(([known]) => known === name)?.[1]
  if (make === undefined) throw new Error(`There is no table "${name}"; there are ${Object.keys(tables).join(', ')}.`)
  return `\n${make()}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('')
}

function code(text: string): string {
  return `\`${text}\``
}
