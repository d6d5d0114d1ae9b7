import { allowInsecureRequests, type Configuration, customFetch, type CustomFetch } from 'openid-client'

/** How providers are reached. */
export interface ProviderConnection {
  readonly fetch: CustomFetch
  /** Whether also without TLS. */
  readonly allowInsecure: boolean
  /** For each request. */
  readonly timeoutSeconds: number
}

/** What makes openid-client take plain http; undefined where that is not allowed. */
export function insecure({ allowInsecure }: ProviderConnection): ((configuration: Configuration) => void)[] {
  // oxlint-disable-next-line typescript/no-deprecated -- marked so as to stand out; it is what local providers need
  return allowInsecure ? [allowInsecureRequests] : []
}

/** Makes the client of a provider use the connection. */
export function connect(configuration: Configuration, connection: ProviderConnection): Configuration {
  configuration[customFetch] = connection.fetch
  configuration.timeout = connection.timeoutSeconds
  for (const allow of insecure(connection)) allow(configuration)
  return configuration
}
