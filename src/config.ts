import { availableParallelism } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)
const origin = z.string().refine((text) => /^https?:/.test(text) && URL.parse(text)?.origin === text)

/** A list in one variable, separated by commas. */
const list = <Item extends z.ZodType<string, string>>(item: Item) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item))

/**
 * Every setting: the variable, what it accepts, its default as it would be written, and a sentence. Printed into
 * `docs/settings.md`; the only place where the environment is described.
 */
export const settings = {
  PORT: { type: port, accepts: 'a port, 0 for any free one', default: '4000', about: 'The port to listen on.' },
  HOST: { type: z.string().min(1), accepts: 'an address', default: '127.0.0.1', about: 'The address to listen on.' },
  PUBLIC_URL: {
    type: origin,
    accepts: 'an origin such as https://api.example.com',
    default: '',
    about:
      'Where clients reach this server. Cookies are Secure when it is https. By default http://localhost and the port.',
  },
  DATA_DIR: {
    type: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    accepts: 'a folder',
    default: './data',
    about: 'Where the database, uploaded files and secrets are kept. One server at a time may use it.',
  },
  MILLRACE_TASKS: {
    type: z.string().transform((text) =>
      text
        .split(delimiter)
        .filter((part) => part !== '')
        .map((part) => resolve(part)),
    ),
    accepts: 'folders, separated like PATH',
    default: '',
    about: 'Folders with task files of your own.',
  },
  MILLRACE_SECRET: {
    type: z.string().min(32),
    accepts: 'at least 32 characters',
    default: '',
    about:
      'The root of all keys. Made and kept in the data folder when it is not given; with NODE_ENV=production it must be given.',
  },
  SIGN_UP: {
    type: z.enum(['open', 'invite', 'closed']),
    accepts: '`open`, `invite` or `closed`',
    default: 'open',
    about: 'Who may make an account: anyone, who has an invite, or nobody. The set-up token works in any case.',
  },
  APP_URL: {
    type: origin,
    accepts: 'an origin such as https://app.example.com',
    default: '',
    about: 'Where links in mails lead to: the app that people use. By default PUBLIC_URL.',
  },
  EMAIL_VERIFICATION: {
    type: z.enum(['on', 'off']),
    accepts: '`on` or `off`',
    default: '',
    about: 'Whether an email address must be confirmed before its account can be used. On by default with SMTP_URL.',
  },
  SMTP_URL: {
    type: z.string().refine((text) => /^smtps?:$/.test(URL.parse(text)?.protocol ?? '')),
    accepts: 'smtp://user:password@host:587 or smtps://…',
    default: '',
    about: 'The server that mails are sent by. Without one they go to the folder `outbox` in the data folder and to the log.',
  },
  REQUIRE_MFA: {
    type: z.enum(['none', 'admins', 'all']),
    accepts: '`none`, `admins` or `all`',
    default: 'none',
    about: 'Who must have a second factor. Until it is set up, their sessions can do nothing else.',
  },
  CORS_ORIGINS: {
    type: list(origin),
    accepts: 'origins, separated by commas',
    default: '',
    about: 'Pages of these origins may call the API and open WebSockets, with cookies. None by default.',
  },
  TRUSTED_PROXIES: {
    type: list(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])),
    accepts: 'addresses or CIDR ranges, separated by commas',
    default: '',
    about: 'Proxies whose X-Forwarded-For is believed. None by default.',
  },
  COMPUTE_THREADS: {
    type: z.coerce.number().int().min(1).max(256),
    accepts: '1 to 256',
    default: '',
    about: 'How many jobs run at once, each in a thread. By default as many as the machine has cores.',
  },
  COMPUTE_HEAP_MB: {
    type: z.coerce.number().int().min(16).max(1_048_576),
    accepts: '16 to 1,048,576 megabytes (2^20 bytes)',
    default: '',
    about:
      'The JavaScript heap that one job may fill before it fails with OUT_OF_MEMORY; buffers do not count. By default as much as Node gives a thread.',
  },
  ARTIFACT_MAX_MB: {
    type: z.coerce.number().positive().max(1_048_576),
    accepts: 'megabytes (2^20 bytes)',
    default: '64',
    about: 'The largest file that may be uploaded.',
  },
  ARTIFACT_QUOTA_MB: {
    type: z.coerce.number().positive().max(1_073_741_824),
    accepts: 'megabytes (2^20 bytes)',
    default: '4096',
    about: 'How much one user may keep in uploaded files.',
  },
  JOBS_PER_USER: {
    type: z.coerce.number().int().min(1).max(1_000_000),
    accepts: '1 to 1,000,000',
    default: '1000',
    about: 'How many unfinished jobs one user may have.',
  },
  SESSION_IDLE_DAYS: {
    type: z.coerce.number().positive().max(400),
    accepts: 'days',
    default: '14',
    about: 'A session that was not used for so long has ended.',
  },
  SESSION_MAX_DAYS: {
    type: z.coerce.number().positive().max(400),
    accepts: 'days',
    default: '90',
    about: 'A session ends after so long in any case.',
  },
  GRAPHIQL: {
    type: z.enum(['on', 'off']),
    accepts: '`on` or `off`',
    default: '',
    about: 'Whether GraphiQL and introspection for everyone are served. On by default, off with NODE_ENV=production.',
  },
  LOG_LEVEL: {
    type: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    accepts: '`debug`, `info`, `warn`, `error` or `silent`',
    default: 'info',
    about: 'How much is logged.',
  },
  NODE_ENV: {
    type: z.enum(['development', 'production', 'test']),
    accepts: '`development`, `production` or `test`',
    default: 'development',
    about: 'With `production` the defaults are strict.',
  },
} as const satisfies Record<string, { type: z.ZodType; accepts: string; default: string; about: string }>

export type SettingName = keyof typeof settings

/** All settings, read once. Sizes in bytes, times in ms. */
export interface Config {
  readonly production: boolean
  readonly port: number
  readonly host: string
  /** `null`: http://localhost and the port that was bound. */
  readonly publicUrl: string | null
  readonly dataDir: string
  readonly taskFolders: readonly string[]
  /** `null`: made and kept in the data folder. */
  readonly secret: string | null
  readonly signUp: 'open' | 'invite' | 'closed'
  /** `null`: as the server's own address. */
  readonly appUrl: string | null
  readonly emailVerification: boolean
  /** `null`: mails go to a folder and to the log. */
  readonly smtpUrl: string | null
  readonly requireMfa: 'none' | 'admins' | 'all'
  readonly corsOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly computeThreads: number
  /** Of each thread, in MiB. `null`: as much as Node gives it. */
  readonly computeHeapMb: number | null
  readonly artifactMaxBytes: number
  readonly artifactQuotaBytes: number
  readonly jobsPerUser: number
  readonly sessionIdleMs: number
  readonly sessionMaxMs: number
  readonly graphiql: boolean
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

/** Settings that cannot be used. The message lists every mistake with the variable's name and what it accepts. */
class SettingsError extends Error {
  readonly code = 'SETTINGS_INVALID'

  constructor(mistakes: readonly string[]) {
    super(`These settings cannot be used:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`)
    this.name = 'SettingsError'
  }
}

/** Settings whose values are not repeated in a message. */
const secretSettings: ReadonlySet<string> = new Set(['MILLRACE_SECRET', 'SMTP_URL'])

type Environment = Readonly<Record<string, string | undefined>>
type Values = { [Name in SettingName]: z.output<(typeof settings)[Name]['type']> | null }

/** Reads all settings from an environment. An empty variable counts as not given. Throws one `SettingsError` for all mistakes. */
export function readConfig(environment: Environment): Config {
  const mistakes: string[] = []
  const values = Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => {
      const given = environment[name]?.trim() ?? ''
      const text = given === '' ? setting.default : given
      if (text === '') return [name, null]
      const parsed = setting.type.safeParse(text)
      if (!parsed.success)
        mistakes.push(`${name}: accepts ${setting.accepts}${secretSettings.has(name) ? '' : `, not "${text}"`}.`)
      return [name, parsed.success ? parsed.data : null]
    }),
    // The keys are those of the table, each parsed by its own type.
  ) as Values
  const production = values.NODE_ENV === 'production'
  if (
    production &&
    values.MILLRACE_SECRET === null &&
    !mistakes.some((mistake) => mistake.startsWith('MILLRACE_SECRET'))
  ) {
    mistakes.push(
      `MILLRACE_SECRET: must be given with NODE_ENV=production; accepts ${settings.MILLRACE_SECRET.accepts}.`,
    )
  }
  if (mistakes.length > 0) throw new SettingsError(mistakes)
  return toConfig(values, production)
}

const day = 24 * 60 * 60 * 1000
const megabyte = 2 ** 20

function toConfig(values: Values, production: boolean): Config {
  return {
    production,
    port: values.PORT ?? 4000,
    host: values.HOST ?? '127.0.0.1',
    publicUrl: values.PUBLIC_URL,
    dataDir: values.DATA_DIR ?? resolve('data'),
    taskFolders: values.MILLRACE_TASKS ?? [],
    secret: values.MILLRACE_SECRET,
    signUp: values.SIGN_UP ?? 'open',
    appUrl: values.APP_URL,
    emailVerification: values.EMAIL_VERIFICATION === null ? values.SMTP_URL !== null : values.EMAIL_VERIFICATION === 'on',
    smtpUrl: values.SMTP_URL,
    requireMfa: values.REQUIRE_MFA ?? 'none',
    corsOrigins: values.CORS_ORIGINS ?? [],
    trustedProxies: values.TRUSTED_PROXIES ?? [],
    computeThreads: values.COMPUTE_THREADS ?? availableParallelism(),
    computeHeapMb: values.COMPUTE_HEAP_MB,
    artifactMaxBytes: (values.ARTIFACT_MAX_MB ?? 64) * megabyte,
    artifactQuotaBytes: (values.ARTIFACT_QUOTA_MB ?? 4096) * megabyte,
    jobsPerUser: values.JOBS_PER_USER ?? 1000,
    sessionIdleMs: (values.SESSION_IDLE_DAYS ?? 14) * day,
    sessionMaxMs: (values.SESSION_MAX_DAYS ?? 90) * day,
    graphiql: values.GRAPHIQL === null ? !production : values.GRAPHIQL === 'on',
    logLevel: values.LOG_LEVEL ?? 'info',
  }
}
