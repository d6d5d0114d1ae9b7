import type { Config } from './config.ts'

export interface Greeting extends Pick<Config, 'publicUrl' | 'host' | 'graphiql' | 'processes'> {
  /** Where clients reach the server. */
  readonly url: string
  readonly port: number
  readonly setupToken: string | null
}

/** Tells the person at the terminal where the server is, and what to do first. */
export function greet({ publicUrl, host, port, url, graphiql, processes, setupToken }: Greeting): void {
  const listens = publicUrl === null ? url : `${host}:${port} and is reached at ${url}`
  const lines = [`Millrace listens on ${listens}${processes === 1 ? '' : `, in ${processes} processes`}`]
  if (graphiql) lines.push(`  GraphiQL:  ${url}/graphql`, `  try it:    ${url}/`)
  if (setupToken !== null) {
    lines.push(`  There is no administrator yet. Sign up as the first one with this token, which works once:`)
    lines.push(`  setupToken: ${setupToken}`)
  }
  console.log(lines.join('\n'))
}
