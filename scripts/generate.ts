import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generateCodegen } from './generators/codegen.ts'
import { generateDocs } from './generators/docs.ts'
import { generateLock } from './generators/lock.ts'
import { generateSchema } from './generators/schema.ts'
import { readArguments } from './read-arguments.ts'
import { projectRoot } from './run-command.ts'

/** What is generated, in the order in which one needs the other. Each answers paths from the top and their contents. */
const generators = { schema: generateSchema, codegen: generateCodegen, docs: generateDocs, lock: generateLock }

const names = Object.keys(generators)

const help = `npm run generate [-- --check] [NAME...]

Writes the files that are generated: ${names.join(', ')}; by default all of them.
  --check   writes nothing, and fails when a file is not what would be written
`

function isCurrent(path: string, content: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8') === content
}

/** Answers the paths that were, or would be, written. */
async function generate(name: string, check: boolean): Promise<readonly string[]> {
  const make = Object.entries(generators).find(([known]) => known === name)?.[1]
  if (make === undefined) throw new Error(`"${name}" is not generated; ${names.join(', ')} are.`)
  const stale = [...(await make())].filter(([path, content]) => !isCurrent(join(projectRoot, path), content))
  for (const [path, content] of check ? [] : stale) {
    mkdirSync(dirname(join(projectRoot, path)), { recursive: true })
    writeFileSync(join(projectRoot, path), content)
  }
  return stale.map(([path]) => path)
}

const { values, positionals } = readArguments(
  { allowPositionals: true, options: { check: { type: 'boolean', default: false } } },
  help,
)
try {
  for (const name of positionals.length === 0 ? names : positionals) {
    for (const path of await generate(name, values.check)) {
      console.log(values.check ? `${path} is out of date: npm run generate ${name}` : `${path} written`)
      if (values.check) process.exitCode = 1
    }
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
