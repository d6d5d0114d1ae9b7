/** Where this server is reached: known for sure only once its port is bound. */
export interface OwnAddress {
  /** An origin, without a slash at the end. */
  publicUrl(): string
  /** The origins of this server's own pages. */
  origins(): readonly string[]
  /** Whether clients reach it over https. */
  readonly secure: boolean
  /** To be told once the port is known. */
  bound(port: number): void
}

/** The address given as `PUBLIC_URL`; without it, the loopback names with the port that is bound, or until then the wanted one. */
export function createOwnAddress(publicUrl: string | null, wantedPort = 80): OwnAddress {
  let port: number | null = null
  const origin = (host: string) => new URL(`http://${host}:${port ?? wantedPort}`).origin
  return {
    publicUrl: () => publicUrl ?? origin('localhost'),
    origins: () => (publicUrl === null ? ['localhost', '127.0.0.1', '[::1]'].map(origin) : [publicUrl]),
    secure: publicUrl !== null && new URL(publicUrl).protocol === 'https:',
    bound(value) {
      port = value
    },
  }
}
