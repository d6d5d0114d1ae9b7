import { pinoLogger } from '../adapters/logging/pino-logger.ts'
import { openAccounts } from '../compose/open-accounts.ts'
import { readConfig } from '../config.ts'
import { askHidden } from './prompt.ts'

export interface CreateUserOptions {
  readonly email: string
  readonly name?: string
  readonly admin: boolean
  readonly json: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** `millrace user create`: works on the data folder itself, also while a server uses it. */
export async function createUser(options: CreateUserOptions): Promise<void> {
  const config = readConfig(options.environment)
  const password = process.env['MILLRACE_PASSWORD'] ?? (await askHidden('Password: '))
  await using opened = await openAccounts(config, pinoLogger({ level: 'warn', pretty: process.stderr.isTTY }))
  const user = await opened.accounts.createUser({
    email: options.email,
    password,
    displayName: options.name ?? options.email.split('@')[0] ?? options.email,
    admin: options.admin,
  })
  const shown = { id: user.id, email: user.email, displayName: user.displayName, roles: user.roles }
  console.log(options.json ? JSON.stringify(shown) : `Made ${user.email} (${user.roles.join(', ')}): ${user.id}`)
}
