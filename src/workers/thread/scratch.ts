/** Values of one task that a thread keeps. */
export const maxScratchValues = 16
/** Tasks that a thread keeps values of. */
export const maxScratchTasks = 32

/** What tasks keep on this thread: at most 16 values of each of 32 tasks, those that were used last. */
export interface Scratch {
  /** What `make` made for the task and the key; if it throws, or rejects, nothing is kept. */
  get<Value>(task: string, key: string, make: () => Value): Value
}

export function createScratch(): Scratch {
  const tasks = new Map<string, Map<string, unknown>>()

  return {
    get<Value>(task: string, key: string, make: () => Value): Value {
      const values = tasks.get(task) ?? new Map<string, unknown>()
      // What was made under this key was a `Value`: the task says so by using the key.
      const value = values.has(key) ? (values.get(key) as Value) : make()
      keepLast(values, key, value, maxScratchValues)
      keepLast(tasks, task, values, maxScratchTasks)
      if (value instanceof Promise) value.catch(() => values.get(key) === value && values.delete(key))
      return value
    },
  }
}

/** A `Map` goes through its keys in the order in which they were set. */
function keepLast<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
