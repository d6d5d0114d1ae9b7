import type { Plugin } from '@envelop/core'
import type { ExecutionResult } from 'graphql'
import { isDenial } from './denial.ts'

/** The auth library answers `data: null` as if it had run something; a request that is refused has no data (GraphQL §7.1.2). */
export const noData: Plugin = {
  onExecute: () => ({ onExecuteDone: dropData }),
  onSubscribe: () => ({ onSubscribeResult: dropData }),
}

interface Outcome {
  readonly result: unknown
  readonly setResult: (result: ExecutionResult) => void
}

function dropData({ result, setResult }: Outcome): undefined {
  if (typeof result !== 'object' || result === null || !('data' in result && 'errors' in result)) return
  const { data, errors } = result as ExecutionResult // it has both, so it is no stream
  if (data === null && errors?.every(isDenial) === true) setResult({ errors })
}
