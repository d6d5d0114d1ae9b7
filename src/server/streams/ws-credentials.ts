import { Refusal } from '../../core/errors.ts'
import type { Credentials } from '../../services/accounts/authentication/authentication.ts'
import { readCredentials } from '../http/credentials.ts'

type ConnectionParams = Readonly<Record<string, unknown>> | undefined

/**
 * The credentials in the payload of `connection_init`; `null` when it holds none and those of the upgrade count.
 * Names and values are those of the HTTP headers, names in any case. Throws `UNAUTHENTICATED` for what is no credential.
 */
export function readConnectionCredentials(params: ConnectionParams): Credentials | null {
  const authorization = readText(params, 'authorization')
  const apiKey = readText(params, 'x-api-key')
  if (authorization === null && apiKey === null) return null
  return readCredentials({ authorization, apiKey, cookie: null }, '')
}

function readText(params: ConnectionParams, name: string): string | null {
  const [, value] = Object.entries(params ?? {}).find(([key]) => key.toLowerCase() === name) ?? []
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'string') return value
  throw new Refusal('UNAUTHENTICATED', `\`${name}\` of connection_init must be a text.`)
}
