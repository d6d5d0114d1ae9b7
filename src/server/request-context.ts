import type { WorkClass } from '../core/shedding.ts'
import type { DeviceCookie, RetryAfter, Services, SessionCookieJar } from '../resolvers/context.ts'
import type { ClientInfo } from '../services/accounts/client-info.ts'
import type { Credentials } from '../services/accounts/authentication/authentication.ts'
import { createReadBudget } from '../services/jobs/read-budget.ts'
import type { ResumeRequest } from '../services/streams/stream.ts'
import type { Observation, ObservedContext } from './operation.ts'

/** What a door knows of a request, as plain values: no HTTP library's types. */
export interface RequestFacts {
  readonly requestId: string
  readonly credentials: Credentials
  readonly client: ClientInfo
  readonly sessionCookie: SessionCookieJar | null
  readonly deviceCookie: DeviceCookie | null
  readonly retryAfter: RetryAfter | null
  readonly resume: ResumeRequest | null
  /** What the door has taken it as in spite of the load; without one the gate decides. */
  readonly admittedAs?: WorkClass | undefined
  readonly trace?: Observation | undefined
}

/** What a door knows of a request before its operation is read; the transport adds `resume` from the operation, and who watches it. */
export type DoorFacts = Omit<RequestFacts, 'resume' | 'trace'>

export type OpenContext = (facts: RequestFacts) => Promise<ObservedContext>

/** Finds out who is asking. Throws the `Refusal` of a credential that is not valid. */
export function contextOpener(services: Services, publicUrl: () => string): OpenContext {
  return async ({ credentials, ...facts }) => ({
    ...facts,
    principal: await services.accounts.authenticate(credentials, facts.client),
    services,
    readBudget: createReadBudget(),
    publicUrl: publicUrl(),
  })
}
