import { now } from '../now.ts'

export { computeFibonacci as fibonacci } from './compute-fibonacci.ts'

export function noop(): number {
  return now()
}
