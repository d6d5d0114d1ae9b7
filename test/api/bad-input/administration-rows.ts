import { seedHeapSnapshot } from '../../support/seed-heap-snapshot.ts'
import type { BadInputRow } from './bad-input-row.ts'
import type { People, Person } from './open-people.ts'

const refusal = '__typename ... on Error { code }'
const all = { least: 20, most: 20 }

/** Somebody else, whom administrators look after. */
const somebody = async (_person: Person, people: People) => ({ id: (await people.newPerson()).id })

/** An id of something that is no user. */
const noUser = { variables: ({ otherSessionId }: Person) => ({ id: otherSessionId }), code: 'NOT_FOUND' } as const

const rows: readonly Omit<BadInputRow, 'byAdministrator' | 'asksForStepUp'>[] = [
  {
    mutation: 'createInvite',
    document: `mutation ($email: String, $roles: [Role!]!) {
      createInvite(email: $email, roles: $roles) { ${refusal} }
    }`,
    good: ({ email }) => ({ email: `invited-by-${email}`, roles: ['USER'] }),
    texts: { email: 'INVALID_INPUT', roles: 'INVALID_INPUT' },
    optional: ['email'],
    again: null,
    winners: all,
  },
  {
    mutation: 'revokeInvite',
    document: 'mutation ($id: ID!) { revokeInvite(id: $id) }',
    async good(person, people) {
      const createInvite = 'mutation { createInvite { ... on InviteIssued { invite { id } } } }'
      const { invite } = await people.ask<{ invite: { id: string } }>(person, createInvite)
      return { id: invite.id }
    },
    texts: { id: 'NOT_FOUND' },
    again: 'NOT_FOUND',
    winners: { least: 1, most: 1 },
    foreign: noUser,
  },
  {
    mutation: 'disableUser',
    document: `mutation ($id: ID!) { disableUser(id: $id) { ${refusal} } }`,
    good: somebody,
    texts: { id: 'NOT_FOUND' },
    again: null,
    winners: all,
    foreign: noUser,
  },
  {
    mutation: 'enableUser',
    document: 'mutation ($id: ID!) { enableUser(id: $id) { __typename } }',
    good: somebody,
    texts: { id: 'NOT_FOUND' },
    again: null,
    winners: all,
    foreign: noUser,
  },
  {
    mutation: 'setUserRoles',
    document: `mutation ($id: ID!, $roles: [Role!]!) { setUserRoles(id: $id, roles: $roles) { ${refusal} } }`,
    good: async (person, people) => ({ ...(await somebody(person, people)), roles: ['USER', 'ADMIN'] }),
    texts: { id: 'NOT_FOUND', roles: 'INVALID_INPUT' },
    again: null,
    winners: all,
    foreign: noUser,
  },
  {
    mutation: 'revokeUserSessions',
    document: 'mutation ($id: ID!) { revokeUserSessions(id: $id) }',
    good: somebody,
    texts: { id: 'NOT_FOUND' },
    again: null,
    winners: all,
    foreign: noUser,
  },
  {
    mutation: 'resetUserMfa',
    document: 'mutation ($id: ID!) { resetUserMfa(id: $id) { __typename } }',
    good: somebody,
    texts: { id: 'NOT_FOUND' },
    again: null,
    winners: all,
    foreign: noUser,
  },
  {
    mutation: 'publishNotice',
    document: `mutation ($text: String!, $severity: NoticeSeverity!) {
      publishNotice(text: $text, severity: $severity) { ${refusal} }
    }`,
    good: () => ({ text: 'Down from ten to eleven.', severity: 'WARNING' }),
    texts: { text: 'INVALID_INPUT', severity: 'INVALID_INPUT' },
    again: null,
    winners: all,
  },
  {
    mutation: 'withdrawNotice',
    document: 'mutation ($id: ID!) { withdrawNotice(id: $id) }',
    async good(person, people) {
      const publishNotice = 'mutation { publishNotice(text: "Soon.") { ... on NoticeAccepted { notice { id } } } }'
      const { notice } = await people.ask<{ notice: { id: string } }>(person, publishNotice)
      return { id: notice.id }
    },
    texts: { id: 'NOT_FOUND' },
    again: 'NOT_FOUND',
    winners: { least: 1, most: 1 },
    foreign: noUser,
  },
  {
    mutation: 'setLogLevel',
    document: `mutation ($level: LogLevel) { setLogLevel(level: $level) { ${refusal} } }`,
    good: () => ({ level: 'WARN' }),
    texts: { level: 'INVALID_INPUT' },
    optional: ['level'],
    again: null,
    winners: all,
  },
  {
    // It ends what is not going on: otherwise everybody else here could do nothing any more.
    mutation: 'setMaintenance',
    document: `mutation ($on: Boolean = false, $message: String) {
      setMaintenance(on: $on, message: $message) { ${refusal} }
    }`,
    good: () => ({ message: 'Back at eleven.' }),
    texts: { message: 'INVALID_INPUT' },
    optional: ['message'],
    again: null,
    winners: all,
  },
  {
    // Without a time it takes none, and tells what one would cost: a value, with a code that is not asked for here.
    mutation: 'captureHeapSnapshot',
    document: 'mutation { captureHeapSnapshot { __typename } }',
    good: () => ({}),
    texts: {},
    again: null,
    winners: all,
  },
  {
    mutation: 'deleteHeapSnapshot',
    document: 'mutation ($id: ID!) { deleteHeapSnapshot(id: $id) }',
    async good(_person, { api, clock }) {
      return { id: (await seedHeapSnapshot(api.dataDir, { takenAt: clock.now() })).id }
    },
    texts: { id: 'NOT_FOUND' },
    again: 'NOT_FOUND',
    winners: { least: 1, most: 1 },
    foreign: noUser,
  },
  {
    mutation: 'rotateSigningKeys',
    document: 'mutation { rotateSigningKeys { kid } }',
    good: () => ({}),
    texts: {},
    again: null,
    winners: all,
  },
]

/** What administrators do, in a session with factors that were shown lately. */
export const administrationRows: readonly BadInputRow[] = rows.map((row) => ({
  ...row,
  byAdministrator: true,
  asksForStepUp: true,
}))
