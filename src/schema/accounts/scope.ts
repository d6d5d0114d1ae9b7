import type { Builder } from '../builder.ts'

/** Adds the enum `Scope`. */
export function addScope(builder: Builder) {
  return builder.enumType('Scope', {
    description: 'What a credential may be allowed to do.',
    values: {
      JOBS_READ: { value: 'jobs:read', description: 'See jobs and watch them.' },
      JOBS_WRITE: { value: 'jobs:write', description: 'Enter jobs and stop them.' },
      ARTIFACTS_READ: { value: 'artifacts:read', description: 'Download files.' },
      ARTIFACTS_WRITE: { value: 'artifacts:write', description: 'Upload files.' },
      CHANNELS_READ: {
        value: 'channels:read',
        description: 'Listen to channels that are not public, and read notices.',
      },
      CHANNELS_PUBLISH: {
        value: 'channels:publish',
        description: 'Publish on channels; where administrators do, ADMIN as well.',
      },
      ACCOUNT_READ: {
        value: 'account:read',
        description: 'Read the account: who one is, sessions, keys and what happened.',
      },
      ADMIN: {
        value: 'admin',
        description:
          'Read what administrators read, and with the scopes for channels listen to theirs and publish on them. No key can change an account.',
      },
    } as const,
  })
}

export type ScopeRef = ReturnType<typeof addScope>
