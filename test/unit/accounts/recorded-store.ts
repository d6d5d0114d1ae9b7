import { AsyncLocalStorage } from 'node:async_hooks'
import type { Records, Store } from '../../../src/ports/store.ts'

export interface RecordedStore {
  readonly store: Store
  /** Each transaction of the work, and each call of a record within it, in order: `write`, `mails.insert` … */
  callsOf(work: () => Promise<unknown>): Promise<readonly string[]>
}

/** A store that writes down what a piece of work does with it, and not what goes on besides. */
export function recordedStore(store: Store): RecordedStore {
  const scope = new AsyncLocalStorage<string[]>()
  const noted = (kind: 'read' | 'write') => (work: (records: Records) => Promise<never>) => {
    const calls = scope.getStore() ?? []
    calls.push(kind)
    return store[kind]((records) => work(watched(records, calls)))
  }
  return {
    store: { ...store, read: noted('read'), write: noted('write') },
    async callsOf(work) {
      const calls: string[] = []
      await scope.run(calls, work)
      return calls
    },
  }
}

function watched(records: Records, calls: string[]): Records {
  return new Proxy(records, {
    get(target, chapter: keyof Records) {
      return new Proxy(target[chapter], {
        get(methods: object, name) {
          const method: unknown = Reflect.get(methods, name)
          if (typeof method !== 'function') return method
          return (...args: readonly unknown[]): unknown => {
            calls.push(`${chapter}.${String(name)}`)
            return Reflect.apply(method, methods, args)
          }
        },
      })
    },
  })
}
