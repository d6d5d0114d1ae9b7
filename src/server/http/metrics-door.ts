import { assertMayAdminister } from '../../services/accounts/administration/administrator.ts'
import type { DoorFacts, OpenContext } from '../request-context.ts'
import type { Door } from './exchange.ts'
import { requireMethod } from './method.ts'
import { send } from './send.ts'

export const metricsPath = '/metrics'

/** A text with its media type. */
export interface MetricsText {
  readonly mediaType: string
  readonly text: string
}

/** Throws the `Refusal` of who may not see the figures. */
export type Authorise = (facts: DoorFacts) => Promise<void>

export interface MetricsDoorOptions {
  /** The figures of all processes, now. */
  collect(): Promise<MetricsText>
  readonly authorise: Authorise
}

/** Lets in administrators, and API keys that have the scope. */
export function administratorsOnly(openContext: OpenContext): Authorise {
  return async (facts) => {
    const { principal } = await openContext({ ...facts, resume: null })
    assertMayAdminister(principal)
  }
}

/** Lets everybody in who reaches the door. */
export const everybody: Authorise = async () => {}

/** Answers `/metrics`. What is collected is for all who ask meanwhile. */
export function createMetricsDoor({ collect, authorise }: MetricsDoorOptions): Door {
  let collecting: Promise<MetricsText> | null = null

  async function collectOnce(): Promise<MetricsText> {
    try {
      return await collect()
    } finally {
      collecting = null
    }
  }

  return async ({ response, facts, method }) => {
    requireMethod(method, ['GET', 'HEAD'])
    await authorise(facts)
    collecting ??= collectOnce()
    const { mediaType, text } = await collecting
    send(response, { status: 200, headers: { 'content-type': mediaType }, body: text })
  }
}
