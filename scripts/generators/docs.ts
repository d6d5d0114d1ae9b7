import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { settings } from '../../src/settings/settings.ts'
import { alertKinds } from '../../src/core/alerts.ts'
import { errorCodes } from '../../src/core/errors.ts'
import { isTerminal, jobStates } from '../../src/core/job.ts'
import { entrances, transitions } from '../../src/core/job-transitions.ts'
import { metrics } from '../../src/core/metrics.ts'
import { projectRoot } from '../run-command.ts'
import { startCodes } from './start-codes.ts'

/** The tables, and a diagram, that documents hold between `<!-- table: name -->` and `<!-- /table -->`. */
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
  starts: () =>
    table(
      ['Code', 'Meaning'],
      Object.entries(startCodes).map(([name, meaning]) => [code(name), meaning]),
    ),
  alerts: () =>
    table(
      ['Alert', 'Severity', 'What it says'],
      Object.entries(alertKinds).map(([name, { severity, about }]) => [
        `[${code(name)}](#${name.toLowerCase()})`,
        severity,
        about,
      ]),
    ),
  metrics: () =>
    table(
      ['Figure', 'Type', 'Labels', 'What it tells'],
      Object.entries(metrics).map(([name, { type, labels, help }]) => [
        code(name),
        type,
        labels.map(code).join(', '),
        help,
      ]),
    ),
  states: () => stateDiagram(),
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

/** The states of a job and what leads from one to the next, drawn from the tables that the code goes by. */
function stateDiagram(): string {
  const arrows = new Map<string, string[]>()
  const draw = (from: string, to: string, means: string) => {
    const arrow = `${from} --> ${to}`
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), means])
  }
  for (const { to, means } of Object.values(entrances)) draw('[*]', to, means)
  for (const { from, to, means } of Object.values(transitions)) for (const state of from) draw(state, to, means)
  for (const state of jobStates.filter(isTerminal)) arrows.set(`${state} --> [*]`, [])
  const lines = [...arrows].map(([arrow, means]) => (means.length === 0 ? arrow : `${arrow}: ${means.join(' / ')}`))
  return ['```mermaid', 'stateDiagram-v2', ...lines.map((line) => `  ${line}`), '```', ''].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('')
}

function code(text: string): string {
  return `\`${text}\``
}
