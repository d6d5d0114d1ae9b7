import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import type { Job } from '../../../src/core/job.ts'
import type { Artifact } from '../../../src/ports/artifact-index.ts'
import {
  assertScope,
  canCancelJob,
  canReadArtifact,
  canReadJob,
  canReadPool,
  canRetryJob,
  canUseArtifact,
} from '../../../src/services/jobs/policies.ts'
import { somebody } from '../../support/principals.ts'

const owner = somebody()
const admin = somebody({ roles: ['user', 'admin'] })
const people = {
  owner,
  "the owner's key": { ...owner, kind: 'apiKey' as const, scopes: ['jobs:read' as const] },
  stranger: somebody(),
  administrator: admin,
  "an administrator's key without the scope": { ...admin, scopes: ['jobs:read' as const] },
  'one who was an administrator': { ...admin, roles: ['user' as const] },
}
// Policies look at nothing but the owner.
const job = { id: newId('job'), ownerId: owner.userId } as Job
const artifact = { id: newId('artifact'), ownerId: owner.userId } as Artifact

describe('who may', () => {
  it.each([
    ['read a job', canReadJob, job, ['owner', "the owner's key", 'administrator']],
    ['cancel a job', canCancelJob, job, ['owner', "the owner's key", 'administrator']],
    ['do a job again', canRetryJob, job, ['owner', "the owner's key"]],
    ['see what the threads are doing', canReadPool, job, ['administrator']],
    ['read an artifact', canReadArtifact, artifact, ['owner', "the owner's key", 'administrator']],
    ['give an artifact to a job', canUseArtifact, artifact, ['owner', "the owner's key"]],
  ] as const)('%s', (_what, can, thing, expected) => {
    const allowed = Object.entries(people).filter(([, person]) => can(person, thing as Job & Artifact))
    expect(allowed.map(([name]) => name)).toEqual(expected)
  })

  it('asks for a scope by name', () => {
    expect(assertScope(owner, 'jobs:read')).toBe(owner)
    expect(() => assertScope(owner, 'admin')).toThrow('The credential lacks the scope admin.')
    expect(() => assertScope({ kind: 'anonymous', refused: null }, 'jobs:read')).toThrow('Sign in first.')
    expect(() => assertScope({ kind: 'anonymous', refused: 'SESSION_REVOKED' }, 'jobs:read')).toThrow(
      'This session has ended: sign in again.',
    )
  })
})
