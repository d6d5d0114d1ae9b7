import { Refusal } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json-object.ts'
import { parseJsonText } from '../json-text.ts'
import type { OperationParams } from '../operation.ts'

/** An operation of a thousand tokens has a tenth of this. */
const maxQueryLength = 65_536

/** The operation in a JSON body; members that GraphQL over HTTP does not know are left out. Throws `BAD_REQUEST`. */
export function operationFromBody(body: unknown): OperationParams {
  if (Array.isArray(body)) throw bad('Several operations in one request are not supported: send one object.')
  if (!isJsonObject(body)) throw bad('The body must be a JSON object with a "query".')
  const { query, variables, operationName, extensions } = body
  if (query === undefined || query === null) throw bad('The request has no "query".')
  if (typeof query !== 'string') throw bad('"query" must be a string.')
  if (query.length > maxQueryLength) {
    throw new Refusal(
      'PAYLOAD_TOO_LARGE',
      `"query" may have at most ${maxQueryLength} characters; values go into variables.`,
      { limit: maxQueryLength },
    )
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw bad('"operationName" must be a string.')
  }
  return {
    query,
    variables: objectOrNull('variables', variables),
    operationName: operationName ?? null,
    extensions: objectOrNull('extensions', extensions),
  }
}

/** The operation in a query string. Throws `BAD_REQUEST`. */
export function operationFromSearch(search: string): OperationParams {
  const parameters = new URLSearchParams(search)
  const single = (name: string) => {
    const values = parameters.getAll(name)
    if (values.length > 1) throw bad(`The parameter "${name}" was sent more than once.`)
    return values[0]
  }
  const json = (name: string) => {
    const text = single(name)
    return text === undefined || text === '' ? null : parseJsonText(text, `The parameter "${name}"`)
  }
  return operationFromBody({
    query: single('query'),
    variables: json('variables'),
    operationName: single('operationName') ?? null,
    extensions: json('extensions'),
  })
}

function objectOrNull(name: string, value: unknown): JsonObject | null {
  if (value === undefined || value === null) return null
  if (!isJsonObject(value)) throw bad(`"${name}" must be an object.`)
  return value
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message)
}
