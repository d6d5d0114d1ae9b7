import type { Plugin } from '@envelop/core'

/** Marks a context that an operation was checked with. Symbols go along when a context is copied. */
const guarded = Symbol('guarded')

/**
 * The auth library notes in the context that it has checked the operation, and envelop writes into the context that it is
 * given: a second operation with the same context would not be checked at all. So there is no second one.
 */
export const onePerContext: Plugin = {
  onContextBuilding({ context, extendContext }) {
    if (guarded in context) throw new TypeError('A context serves one operation only: open a new one for the next.')
    const mark: object = { [guarded]: true }
    extendContext(mark)
  },
}
