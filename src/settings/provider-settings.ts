import { z } from 'zod'
import type { ProviderSettings } from '../adapters/oauth/openid-providers.ts'

const secret = z.string().min(1)
const issuer = z.string().refine((text) => {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username + url.password === ''
})

/** A page's origin, or the address of an app under a scheme of its own, which has a dot in it (RFC 8252 §7.1). */
const redirect = z
  .string()
  .refine((text) =>
    /^https?:/.test(text)
      ? URL.parse(text)?.origin === text
      : /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:[^\s#\\]*$/.test(text),
  )

const names = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

/** The part of the settings table that is about identity providers. `<NAME>` stands for each name in `OIDC_PROVIDERS`. */
export const providerSettings = {
  OAUTH_GOOGLE_CLIENT_ID: {
    type: secret,
    accepts: 'a client id',
    default: '',
    about: 'Lets people sign in with Google. Its callback address is /auth/oauth/google/callback under PUBLIC_URL.',
  },
  OAUTH_GOOGLE_CLIENT_SECRET: {
    type: secret,
    accepts: 'a client secret',
    default: '',
    about: 'Belongs to OAUTH_GOOGLE_CLIENT_ID.',
  },
  OAUTH_GITHUB_CLIENT_ID: {
    type: secret,
    accepts: 'a client id',
    default: '',
    about: 'Lets people sign in with GitHub. Its callback address is /auth/oauth/github/callback under PUBLIC_URL.',
  },
  OAUTH_GITHUB_CLIENT_SECRET: {
    type: secret,
    accepts: 'a client secret',
    default: '',
    about: 'Belongs to OAUTH_GITHUB_CLIENT_ID.',
  },
  OIDC_PROVIDERS: {
    type: names.pipe(z.array(z.string().regex(/^(?!google$|github$)[a-z][a-z0-9]{0,31}$/)).max(20)),
    accepts: 'up to 20 names of small letters and digits, separated by commas; not google or github',
    default: '',
    about:
      'Further OpenID Connect providers, by names of your choice. Each has settings of its own, with its name in capitals for <NAME>; its callback address is /auth/oauth/:name/callback.',
  },
  'OIDC_<NAME>_ISSUER': {
    type: issuer,
    accepts: 'an address such as https://login.example.com, exactly as the provider calls itself',
    default: '',
    about: 'The issuer. It is asked for its metadata under /.well-known/openid-configuration.',
  },
  'OIDC_<NAME>_CLIENT_ID': { type: secret, accepts: 'a client id', default: '', about: 'The client id there.' },
  'OIDC_<NAME>_CLIENT_SECRET': {
    type: secret,
    accepts: 'a client secret',
    default: '',
    about: 'The client secret there.',
  },
  'OIDC_<NAME>_DISPLAY_NAME': {
    type: z.string().min(1).max(100),
    accepts: 'up to 100 characters',
    default: '',
    about: 'What people read on the button. By default the name.',
  },
  'OIDC_<NAME>_TRUST_EMAIL': {
    type: z.enum(['on', 'off']),
    accepts: '`on` or `off`',
    default: 'off',
    about:
      'Whether an email address that the provider calls verified is believed: then it opens the account with that address. Only for providers that check every address themselves.',
  },
  OAUTH_REDIRECTS: {
    type: names.pipe(z.array(redirect)),
    accepts: 'origins, and addresses of apps such as com.example.app:/signed-in, separated by commas',
    default: '',
    about:
      'Where a sign-in by a provider may lead back to, besides APP_URL, PUBLIC_URL and CORS_ORIGINS. The address of an app must be given whole.',
  },
  OAUTH_ALLOW_PRIVATE: {
    type: z.enum(['on', 'off']),
    accepts: '`on` or `off`',
    default: 'off',
    about:
      'Whether providers may be at addresses of this machine or its network, and without TLS. For development and inner networks.',
  },
} as const satisfies Record<string, { type: z.ZodType; accepts: string; default: string; about: string }>

/** Settings about providers whose values are not repeated in a message. */
export const secretProviderSettings = ['OAUTH_GOOGLE_CLIENT_SECRET', 'OAUTH_GITHUB_CLIENT_SECRET'] as const

/** What the table's other settings have given. */
interface ProviderValues {
  readonly OAUTH_GOOGLE_CLIENT_ID: string | null
  readonly OAUTH_GOOGLE_CLIENT_SECRET: string | null
  readonly OAUTH_GITHUB_CLIENT_ID: string | null
  readonly OAUTH_GITHUB_CLIENT_SECRET: string | null
  readonly OIDC_PROVIDERS: readonly string[] | null
  readonly OAUTH_REDIRECTS: readonly string[] | null
  readonly OAUTH_ALLOW_PRIVATE: 'on' | 'off' | null
}

type Environment = Readonly<Record<string, string | undefined>>

/** What the operator decided about signing in by other providers. */
export interface OAuthConfig {
  readonly providers: readonly ProviderSettings[]
  /** Origins and addresses of apps that a sign-in may lead back to, besides those of the other settings. */
  readonly redirects: readonly string[]
  readonly allowPrivate: boolean
}

/** Reads what is about providers. Adds what is wrong with their settings to `mistakes`. */
export function readOAuth(environment: Environment, values: ProviderValues, mistakes: string[]): OAuthConfig {
  const named = [...new Set(values.OIDC_PROVIDERS)]
  const providers = [
    readWellKnown('google', values, mistakes),
    readWellKnown('github', values, mistakes),
    ...named.map((name) => readNamed(name, { environment, mistakes, values })),
  ]
  return {
    providers: providers.filter((provider) => provider !== null),
    redirects: values.OAUTH_REDIRECTS ?? [],
    allowPrivate: values.OAUTH_ALLOW_PRIVATE === 'on',
  }
}

/** What is known of the two in advance. Both check addresses themselves. */
const wellKnown = {
  google: {
    kind: 'issuer',
    name: 'google',
    displayName: 'Google',
    trustedEmail: true,
    issuer: 'https://accounts.google.com',
  },
  github: {
    kind: 'github',
    name: 'github',
    displayName: 'GitHub',
    trustedEmail: true,
    site: 'https://github.com',
    api: 'https://api.github.com',
  },
} as const

function readWellKnown(
  name: keyof typeof wellKnown,
  values: ProviderValues,
  mistakes: string[],
): ProviderSettings | null {
  const variable = name === 'google' ? 'OAUTH_GOOGLE' : 'OAUTH_GITHUB'
  const clientId = values[`${variable}_CLIENT_ID`]
  const clientSecret = values[`${variable}_CLIENT_SECRET`]
  if (clientId !== null && clientSecret !== null) return { ...wellKnown[name], clientId, clientSecret }
  if (clientId !== null) mistakes.push(missing(`${variable}_CLIENT_SECRET`, `${variable}_CLIENT_ID`))
  if (clientSecret !== null) mistakes.push(missing(`${variable}_CLIENT_ID`, `${variable}_CLIENT_SECRET`))
  return null
}

interface NamedProviderSource {
  readonly environment: Environment
  readonly mistakes: string[]
  readonly values: ProviderValues
}

function readNamed(name: string, { environment, mistakes, values }: NamedProviderSource): ProviderSettings | null {
  const before = mistakes.length
  const read = (part: 'ISSUER' | 'CLIENT_ID' | 'CLIENT_SECRET' | 'DISPLAY_NAME' | 'TRUST_EMAIL') => {
    const variable = `OIDC_${name.toUpperCase()}_${part}`
    const { type, accepts } = providerSettings[`OIDC_<NAME>_${part}`]
    const text = environment[variable]?.trim() ?? ''
    const isNeeded = part === 'ISSUER' || part === 'CLIENT_ID' || part === 'CLIENT_SECRET'
    if (text === '' && isNeeded) mistakes.push(missing(variable, 'OIDC_PROVIDERS'))
    if (text === '' || type.safeParse(text).success) return text
    mistakes.push(`${variable}: accepts ${accepts}${part === 'CLIENT_SECRET' ? '' : `, not "${text}"`}.`)
    return ''
  }
  const settings: ProviderSettings = {
    kind: 'issuer',
    name,
    issuer: read('ISSUER'),
    clientId: read('CLIENT_ID'),
    clientSecret: read('CLIENT_SECRET'),
    displayName: read('DISPLAY_NAME') || name,
    trustedEmail: read('TRUST_EMAIL') === 'on',
  }
  if (settings.issuer.startsWith('http:') && values.OAUTH_ALLOW_PRIVATE !== 'on') {
    const variable = `OIDC_${name.toUpperCase()}_ISSUER`
    mistakes.push(`${variable}: must be an https address; OAUTH_ALLOW_PRIVATE=on allows http, for development.`)
  }
  return mistakes.length === before ? settings : null
}

function missing(variable: string, because: string): string {
  return `${variable}: must be given with ${because}.`
}
