import { registerHooks } from 'node:module'
import { sourceFile } from '../source-file.ts'

/**
 * From now on `millrace/task` means the task entry of this very Millrace, in this thread, for `import` and `require` from
 * any folder: a task file needs no package of its own, nothing installed, and shares its zod with us.
 */
export function resolveTaskEntry(): void {
  const url = sourceFile('../../task', import.meta.url).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'millrace/task' ? { url, shortCircuit: true } : next(specifier, context),
  })
}
