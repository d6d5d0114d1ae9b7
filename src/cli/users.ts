import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { openAccounts } from '../compose/open-accounts.ts'
import { readConfig } from '../config.ts'
import { InvalidInputError } from '../core/errors.ts'
import { type Role, roles as allRoles } from '../core/principal.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import type { User } from '../services/accounts/outward.ts'
import { CliFailure } from './failure.ts'
import { printable } from './printable.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface UserCommandOptions {
  readonly json: boolean
  readonly environment: Environment
}

/** `millrace user list`: one line a user, newest first. */
export async function listUsers({
  search,
  json,
  environment,
}: UserCommandOptions & { readonly search?: string }): Promise<void> {
  await using opened = await open(environment)
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<Accounts['users']>> = await opened.accounts.users(
      { first: 100, after, search: search ?? null },
      null,
    )
    for (const { node } of page.edges) console.log(json ? JSON.stringify(shown(node)) : lineOf(node))
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
  } while (after !== null)
}

/** What the operator does to one user; each is written down as done by the operator. */
const actions = {
  disable: (accounts, { id }) => accounts.disableUser(id, null, null),
  enable: (accounts, { id }) => accounts.enableUser(id, null, null),
  'set-roles': (accounts, { id }, roles) => accounts.setUserRoles({ id, roles }, null, null),
  'reset-mfa': (accounts, { id }) => accounts.resetUserMfa(id, null, null),
} as const satisfies Record<string, (accounts: Accounts, user: User, roles: readonly Role[]) => Promise<User>>

export type UserAction = keyof typeof actions

export interface ChangeUserOptions extends UserCommandOptions {
  readonly action: UserAction
  /** The id or the email address. */
  readonly user: string
  readonly roles?: readonly string[]
}

/** `millrace user disable` and its like: works on the data folder itself, also while a server uses it. */
export async function changeUser({
  action,
  user: name,
  roles = [],
  json,
  environment,
}: ChangeUserOptions): Promise<void> {
  const known = readRoleNames(roles)
  await using opened = await open(environment)
  const user = await opened.accounts.findUser(name, null)
  if (user === null) throw new CliFailure(`There is no user ${printable(name)}.`, { code: 'NOT_FOUND' })
  const changed = await actions[action](opened.accounts, user, known)
  console.log(json ? JSON.stringify(shown(changed)) : lineOf(changed))
}

function open(environment: Environment) {
  return openAccounts(readConfig(environment), pinoLogger({ level: 'warn', pretty: process.stderr.isTTY }))
}

function readRoleNames(names: readonly string[]): readonly Role[] {
  const roles = allRoles.filter((role) => names.includes(role))
  const unknown = names.find((name) => !allRoles.some((role) => role === name))
  if (unknown === undefined) return roles
  const message = `There is no role ${printable(unknown)}: there are ${allRoles.join(' and ')}.`
  throw new InvalidInputError([{ path: ['roles'], message }])
}

function shown({ id, email, displayName, roles, hasPassword, ...times }: User) {
  const at = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  return {
    id,
    email,
    displayName,
    roles,
    hasPassword,
    createdAt: at(times.createdAt),
    emailVerifiedAt: at(times.emailVerifiedAt),
    disabledAt: at(times.disabledAt),
  }
}

function lineOf({ id, email, roles, disabledAt }: User): string {
  const state = disabledAt === null ? '' : `, disabled since ${new Date(disabledAt).toISOString()}`
  return printable(`${id}  ${email}  (${roles.join(', ')}${state})`)
}
