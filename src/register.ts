import { registerHooks } from 'node:module'

/**
 * The package entry `millrace/register`, for `node --import`: from then on `millrace/task` and `millrace/testing` are those of
 * this very Millrace, in files of any folder.
 */
const entries: Readonly<Record<string, string>> = {
  'millrace/task': import.meta.resolve('./task.ts'),
  'millrace/testing': import.meta.resolve('./testing.ts'),
}

registerHooks({
  resolve(specifier, context, next) {
    const url = entries[specifier]
    return url === undefined ? next(specifier, context) : { url, shortCircuit: true }
  },
})
