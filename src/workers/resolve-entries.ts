import { registerHooks } from 'node:module'
import { sourceFile } from './source-file.ts'

/** The package's entries that files of others may import, by what they are called there. */
const entries = { 'millrace/task': '../task', 'millrace/testing': '../testing' } as const

type Entry = keyof typeof entries

/**
 * From now on these entries are those of this very Millrace, in this thread, for `import` and `require` from any folder: a
 * task file needs no package of its own, nothing installed, and shares its zod with us.
 */
export function resolveEntries(...names: readonly Entry[]): void {
  const urls = new Map<string, string>(names.map((name) => [name, sourceFile(entries[name], import.meta.url).href]))
  registerHooks({
    resolve(specifier, context, next) {
      const url = urls.get(specifier)
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true }
    },
  })
}
