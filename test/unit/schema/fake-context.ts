import { createReadBudget } from '../../../src/services/jobs/read-budget.ts'
import type { KnownPrincipal } from '../../../src/core/principal.ts'
import type { Job } from '../../../src/core/job.ts'
import type { RequestContext, Services } from '../../../src/resolvers/context.ts'

export const principal: KnownPrincipal = {
  kind: 'user',
  userId: 'usr_1',
  scopes: ['jobs:read', 'jobs:write', 'artifacts:read', 'artifacts:write'],
  roles: ['user'],
  assurance: 1,
  authenticatedAt: 0,
  sessionId: 'ses_1',
  generation: 1,
  keyId: null,
  expiresAt: null,
  mustEnrol: false,
}

type FakeServices = { [Name in keyof Services]?: Partial<Services[Name]> }

/** A context whose services do what a test says and nothing else: calling another function of theirs is a `TypeError`. */
export function fakeContext(services: FakeServices, resume: RequestContext['resume'] = null): RequestContext {
  return {
    principal,
    services: services as Services, // what is left out must not be called
    requestId: 'req_1',
    client: { ip: null, userAgent: null, device: null, requestId: null },
    sessionCookie: null,
    deviceCookie: null,
    retryAfter: null,
    resume,
    readBudget: createReadBudget(),
    publicUrl: 'https://mill.example.com',
  }
}

/** A job as the ledger has it right after it was entered. */
export function fakeJob(changes: Partial<Job> = {}): Job {
  return {
    id: 'job_1',
    ownerId: 'usr_1',
    task: 'countWords',
    taskVersion: '1',
    state: 'QUEUED',
    fence: 0,
    priority: 0,
    attempts: 0,
    losses: 0,
    nodeId: null,
    createdAt: Date.UTC(2026, 10, 22, 17, 30, 0, 5),
    runAt: Date.UTC(2026, 10, 22, 17, 30, 0, 5),
    expiresAt: null,
    startedAt: null,
    finishedAt: null,
    cancelRequestedAt: null,
    progress: null,
    error: null,
    idempotencyKey: null,
    inputHash: 'hash',
    memoKey: null,
    memoizedFrom: null,
    retryOf: null,
    tags: [],
    ...changes,
  }
}
