import { execFileSync } from 'node:child_process'
import { join, relative } from 'node:path'
import { generate } from '@graphql-codegen/cli'
import config from '../../codegen.ts'
import { projectRoot } from '../run-command.ts'

/** The typed operations of tests, examples and clients, formatted like everything else. */
export async function generateCodegen(): Promise<ReadonlyMap<string, string>> {
  // The declared result is `any`.
  const outputs = (await generate({ ...config, cwd: projectRoot, silent: true, errorsOnly: true }, false)) as readonly {
    readonly filename: string
    readonly content: string
  }[]
  return new Map(outputs.map(({ filename, content }) => [relative(projectRoot, filename), format(filename, content)]))
}

function format(path: string, content: string): string {
  const formatter = join(projectRoot, 'node_modules/oxfmt/bin/oxfmt')
  return execFileSync(process.execPath, [formatter, `--stdin-filepath=${path}`], {
    cwd: projectRoot,
    input: content,
    encoding: 'utf8',
  })
}
