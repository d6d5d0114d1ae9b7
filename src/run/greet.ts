import type { Config } from '../config.ts'

export interface Greeting extends Pick<Config, 'publicUrl' | 'host' | 'graphiql' | 'processes' | 'operations'> {
  /** Where clients reach the server. */
  readonly url: string
  readonly port: number
  /** `null`: probes and figures have no port of their own. */
  readonly opsPort: number | null
  readonly setupToken: string | null
}

/** Tells the person at the terminal where the server is, and what to do first. */
export function greet({ publicUrl, host, port, url, graphiql, processes, setupToken, ...rest }: Greeting): void {
  const listens = publicUrl === null ? url : `${host}:${port} and is reached at ${url}`
  const lines = [`Millrace listens on ${listens}${processes === 1 ? '' : `, in ${processes} processes`}`]
  if (graphiql) lines.push(`  GraphiQL:  ${url}/graphql`, `  try it:    ${url}/`)
  const { opsPort, operations } = rest
  if (opsPort !== null) lines.push(`  /livez, /readyz and /metrics: ${operations.opsAddress?.host}:${opsPort}`)
  if (setupToken !== null) {
    lines.push(`  There is no administrator yet. Sign up as the first one with this token, which works once:`)
    lines.push(`  setupToken: ${setupToken}`)
  }
  console.log(lines.join('\n'))
}
