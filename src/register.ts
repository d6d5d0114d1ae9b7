import { resolveEntries } from './workers/resolve-entries.ts'

/**
 * The package entry `millrace/register`, for `node --import`: from then on `millrace/task` and `millrace/testing` are those of
 * this very Millrace, in files of any folder.
 */
resolveEntries('millrace/task', 'millrace/testing')
