// In which order the phases of the event loop come, seen from within a callback of the poll phase.
//   node examples/event-loop/phases.ts
import { readFile } from 'node:fs'

const order: string[] = []
const note = (what: string) => () => void order.push(what)

// The callback of a file that was read comes from the poll phase, as that of a socket with a request does.
readFile(import.meta.filename, () => {
  setTimeout(note('timer of 0 ms'), 0)
  setImmediate(note('setImmediate'))
  void Promise.resolve().then(note('microtask: what a promise leads to'))
  queueMicrotask(note('microtask: queueMicrotask'))
  process.nextTick(note('process.nextTick'))
  note('the callback itself')()
  // A timer is due after 1 ms at the earliest; two rounds later all of it has come.
  setTimeout(() => {
    for (const [index, what] of order.entries()) console.log(`${index + 1}. ${what}`)
  }, 20)
})
