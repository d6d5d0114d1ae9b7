import type { TaskCounter } from '../../core/task.ts'
import { addToCount, readCount, readTotal, setTotal, type Control } from '../control.ts'

/** The counter that all shards of an attempt share; `onTotal` is called when this thread first sets what it goes up to. */
export function createCounter(control: Control, onTotal: () => void): TaskCounter {
  let told = false
  return {
    add: (by = 1) => addToCount(control, by),
    get value() {
      return readCount(control)
    },
    get total() {
      return readTotal(control)
    },
    set total(total) {
      if (!Number.isSafeInteger(total) || total < 0) {
        throw new RangeError(`The total of a counter is a whole number, not negative: it was given ${total}.`)
      }
      setTotal(control, total)
      if (told) return
      told = true
      onTotal()
    },
  }
}
