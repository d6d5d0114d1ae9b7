import type { Store } from '../../ports/store.ts'

export type StoreWork = 'read' | 'write'

/** Hears that something was asked of the store; the result is called once, when it was answered. Must not throw. */
export type OnStoreWork = (kind: StoreWork) => () => void

/** The same store, of which each read and write is told. Nothing takes longer by it. */
export function watchStore(store: Store, onWork: OnStoreWork): Store {
  function told<T>(kind: StoreWork, answer: () => Promise<T>): Promise<T> {
    const done = onWork(kind)
    const onEnd = () => done()
    const answered = answer()
    // Beside what the caller waits for, which a rejection reaches as well.
    answered.then(onEnd, onEnd)
    return answered
  }

  return {
    get id() {
      return store.id
    },
    read: (work) => told('read', () => store.read(work)),
    write: (work) => told('write', () => store.write(work)),
    onCommitted: (listener) => store.onCommitted(listener),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
