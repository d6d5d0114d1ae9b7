import { execFileSync } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { endSentence } from '../../core/end-sentence.ts'
import { textOfError } from './text-of-error.ts'

/** A place in a file; the line counts from 1. */
interface Place {
  readonly file: string
  readonly line: number
}

/** Why a task file could not be imported: file, line where it is known, what is wrong and what to do, in full sentences. */
export function describeLoadFailure(file: string, error: unknown, source: string): string {
  const place = placeOf(file, error, source)
  const where = place === null ? file : `${place.file}:${place.line}`
  const asked = place === null || place.file === file ? '' : ` (imported by ${file})`
  const text = endSentence(textOfError(error).replace(/\nRequire stack:[\s\S]*$/, ''))
  return `${where}${asked}: ${text} ${remedyFor(error)}`
}

function remedyFor(error: unknown): string {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : ''
  const known = remedies.find((remedy) => remedy.codes.includes(code) && remedy.when.test(message))
  if (known !== undefined) return known.remedy
  return error instanceof SyntaxError
    ? 'Correct the syntax there.'
    : 'It was thrown while the file was being loaded: correct that, and do work only inside `run`.'
}

/** What to do by the error's code (empty: a SyntaxError of the engine, which has none) and by its message. */
const remedies: readonly { readonly codes: readonly string[]; readonly when: RegExp; readonly remedy: string }[] = [
  {
    codes: ['ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'],
    when: /./,
    remedy:
      'TypeScript runs here with its types erased: write it without enums, namespaces and parameter properties (`"erasableSyntaxOnly": true` in tsconfig.json finds them), or compile the file to JavaScript.',
  },
  { codes: ['ERR_INVALID_TYPESCRIPT_SYNTAX'], when: /./, remedy: 'Correct the syntax there.' },
  {
    codes: ['ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING'],
    when: /./,
    remedy: 'TypeScript does not run from a node_modules folder: compile the file to JavaScript, or move it elsewhere.',
  },
  {
    codes: [''],
    when: /millrace\/task' does not provide an export/,
    remedy: '`millrace/task` gives `defineTask`, `artifact` and `z`; types are imported with `import type`.',
  },
  {
    codes: [''],
    when: /does not provide an export/,
    remedy: 'Import a name that the other file exports; types are imported with `import type`.',
  },
  {
    codes: ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'],
    when: /Cannot find (package|module) '[^./]/,
    remedy: 'Install that package in the folder of the task file or in one above it.',
  },
  {
    codes: ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'],
    when: /./,
    remedy: 'Correct the path: it is relative to the file and ends in the extension of the other file.',
  },
  {
    codes: ['ERR_UNSUPPORTED_DIR_IMPORT'],
    when: /./,
    remedy: 'Name a file, not a folder.',
  },
]

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function placeOf(file: string, error: unknown, source: string): Place | null {
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : ''
  return (
    headOf(stack) ??
    frameIn(stack, file) ??
    lineOfSpecifier(file, error, source) ??
    (isBareSyntaxError(error) ? checkedPlace(file) : null)
  )
}

/** A syntax error's stack starts with the place: `/path/file.ts:3`. */
function headOf(stack: string): Place | null {
  const match = /^((?:file:\/\/|\/|[A-Za-z]:\\)[^\n]*):(\d+)\n/.exec(stack)
  return match === null ? null : { file: toPath(match[1] ?? ''), line: Number(match[2]) }
}

/** The innermost call in the task file itself. */
function frameIn(stack: string, file: string): Place | null {
  for (const frame of stack.split('\n')) {
    const match = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^\n]*?):(\d+):\d+\)?$/.exec(frame)
    if (match !== null && toPath(match[1] ?? '') === file) return { file, line: Number(match[2]) }
  }
  return null
}

/** A module that is not found has no frame of the file that asked for it: its name is looked up in the source. */
function lineOfSpecifier(file: string, error: unknown, source: string): Place | null {
  if (!codeOf(error).includes('MODULE_NOT_FOUND')) return null
  const asked = /Cannot find (?:package|module) '([^']+)'/.exec(error instanceof Error ? error.message : '')?.[1]
  const end = asked?.split(/[\\/]/).at(-1)
  if (end === undefined || end === '') return null
  const index = source
    .split('\n')
    .findIndex((text) => text.includes(end) && /\bimport\b|\bfrom\b|\brequire\b/.test(text))
  return index === -1 ? null : { file, line: index + 1 }
}

function isBareSyntaxError(error: unknown): boolean {
  return error instanceof SyntaxError && codeOf(error) === ''
}

/** An ES module's syntax error comes without its line; `node --check` tells it. */
function checkedPlace(file: string): Place | null {
  if (!/^\.[mc]?js$/.test(extname(file))) return null
  try {
    execFileSync(process.execPath, ['--check', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 10_000,
      encoding: 'utf8',
    })
    return null
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
    return headOf(stderr)
  }
}

function toPath(text: string): string {
  return text.startsWith('file:') ? fileURLToPath(text) : fileURLToPath(pathToFileURL(text))
}
