import { delimiter, resolve } from 'node:path'
import { z } from 'zod'
import { channelSettings } from './channel-settings.ts'
import { isRedisUrl } from '../adapters/redis/redis-url.ts'
import { isSmtpUrl, mailSender } from './mail-settings.ts'
import { operationsSettings, secretOperationsSettings } from './operations-settings.ts'
import { providerSettings, secretProviderSettings } from './provider-settings.ts'

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
  WEB_CONCURRENCY: {
    type: z.coerce.number().int().min(1).max(256),
    accepts: 'a whole number from 1 to 256',
    default: '1',
    about:
      'How many processes serve. More than one are supervised by one more, which starts them anew when they end. They share the port, the data folder and the threads of COMPUTE_THREADS.',
  },
  REDIS_URL: {
    type: z.string().refine(isRedisUrl),
    accepts:
      'redis://user:password@host:6379/0, rediss:// for TLS, or redis+sentinel://host:26379,host:26379/name for Sentinel (rediss+sentinel:// with TLS)',
    default: '',
    about:
      'A Redis that carries live events between processes and counts for rate limits. What it loses is mended from the database. By default processes do that among themselves.',
  },
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
  TASK_RELOAD: {
    type: z.enum(['on', 'off']),
    accepts: '`on` or `off`',
    default: '',
    about:
      'Whether a change in the folders of MILLRACE_TASKS is taken in while the server runs. On by default in development only.',
  },
  MILLRACE_SECRET: {
    type: z.string().min(32),
    accepts: 'at least 32 characters',
    default: '',
    about:
      'The root of all keys. Made and kept in the data folder when it is not given; with NODE_ENV=production it must be given.',
  },
  MILLRACE_SECRET_PREVIOUS: {
    type: list(z.string().min(32)),
    accepts: 'secrets of at least 32 characters, separated by commas',
    default: '',
    about:
      'Root secrets that were used before, newest first: what they sealed still opens. `millrace secrets rotate` makes them superfluous.',
  },
  ACCESS_TOKEN_MINUTES: {
    type: z.coerce.number().min(5).max(15),
    accepts: '5 to 15 minutes',
    default: '10',
    about: 'How long an access token is good for.',
  },
  ACCESS_TOKEN_ALGORITHM: {
    type: z.enum(['EdDSA', 'ES256']),
    accepts: '`EdDSA` or `ES256`',
    default: 'EdDSA',
    about:
      'What access tokens are signed with. It is that of new keys: a change takes effect after `millrace signing-keys rotate` twice.',
  },
  REFRESH_GRACE_SECONDS: {
    type: z.coerce.number().min(0).max(60),
    accepts: '0 to 60 seconds',
    default: '20',
    about: 'For how long a refresh token that was used gives the same successor again, to who asked twice at once.',
  },
  SIGN_UP: {
    type: z.enum(['open', 'invite', 'closed']),
    accepts: '`open`, `invite` or `closed`',
    default: 'open',
    about: 'Who may make an account: anyone, who has an invite, or nobody. The set-up token works in any case.',
  },
  PASSWORD_BLOCKLIST: {
    type: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    accepts: 'a text file',
    default: '',
    about:
      'Passwords that nobody may use, one a line: as they are, or as SHA-1 in hexadecimal with or without a count, as Have I Been Pwned gives them out. At most 50 million.',
  },
  APP_URL: {
    type: origin,
    accepts: 'an origin such as https://app.example.com',
    default: '',
    about: 'Where links in mails lead to: the app that people use. By default PUBLIC_URL.',
  },
  PASSKEY_RP_ID: {
    type: z.string().regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/),
    accepts: 'a domain such as example.com',
    default: '',
    about:
      'The domain that passkeys are made for: that of the pages, or one above it. By default the host of APP_URL, else of PUBLIC_URL. Those made for another one do not work any more.',
  },
  EMAIL_VERIFICATION: {
    type: z.enum(['on', 'off']),
    accepts: '`on` or `off`',
    default: '',
    about: 'Whether an email address must be confirmed before its account can be used. On by default with SMTP_URL.',
  },
  SMTP_URL: {
    type: z.string().refine(isSmtpUrl),
    accepts:
      'smtps://user:password@host:465 or smtp://user:password@host:587, with `?starttls=off` where no TLS is to be had',
    default: '',
    about:
      'The server that mails are sent by. Without one they go to the folder `outbox` in the data folder and to the log.',
  },
  MAIL_FROM: {
    type: z.string().regex(mailSender),
    accepts: 'an address, or a name and an address such as Millrace <millrace@example.com>',
    default: '',
    about: 'Who mails are from. By default millrace at the host of PUBLIC_URL.',
  },
  REQUIRE_MFA: {
    type: z.enum(['none', 'admins', 'all']),
    accepts: '`none`, `admins` or `all`',
    default: 'none',
    about: 'Who must have a second factor. Until it is set up, their sessions can do nothing else.',
  },
  TOTP_WINDOW: {
    type: z.enum(['present', 'previous', 'both']),
    accepts: '`present`, `previous` or `both`',
    default: 'previous',
    about:
      'Which codes of authenticator apps are taken: that of the present 30 seconds only, the previous one too, or the next one as well, for devices whose clocks are fast.',
  },
  ...providerSettings,
  AUDIT_DAYS: {
    type: z.coerce.number().int().min(1).max(36_500),
    accepts: '1 to 36,500 days',
    default: '400',
    about: 'For how long the log of what happened to accounts is kept. `millrace audit export` writes it to a file.',
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
    about:
      'How many jobs run at once, each in a thread, shared out among the processes of WEB_CONCURRENCY. By default as many as the machine has cores; each process has at least one.',
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
    about: 'The largest file that may be uploaded, or written by a task.',
  },
  ARTIFACT_QUOTA_MB: {
    type: z.coerce.number().positive().max(1_073_741_824),
    accepts: 'megabytes (2^20 bytes)',
    default: '4096',
    about: 'How much one user may keep in files, uploaded ones and those that tasks wrote for them.',
  },
  JOBS_PER_USER: {
    type: z.coerce.number().int().min(1).max(1_000_000),
    accepts: '1 to 1,000,000',
    default: '1000',
    about: 'How many unfinished jobs one user may have.',
  },
  JOBS_KEEP_DAYS: {
    type: z.coerce
      .number()
      .min(1 / 24)
      .max(3650),
    accepts: 'days, from 0.042 (an hour) to 3,650',
    default: '30',
    about:
      'For how long a job is kept after its end, with its result, its events and the files that only it names; and an uploaded file that no job names.',
  },
  STREAMS_PER_USER: {
    type: z.coerce.number().int().min(1).max(1_000_000),
    accepts: '1 to 1,000,000',
    default: '1000',
    about: 'How many streams one user may have open at once, waiting polls among them.',
  },
  STREAMS_PER_NETWORK: {
    type: z.coerce.number().int().min(1).max(1_000_000),
    accepts: '1 to 1,000,000',
    default: '10000',
    about:
      'How many streams, and how many WebSockets, may be open at once to one network, streams of those who are signed in and of those who are not each: the /24 of an IPv4 address, the /64 of an IPv6 one. Behind a proxy that TRUSTED_PROXIES does not name all clients are one network.',
  },
  REPLAY_MB_PER_MINUTE: {
    type: z.coerce.number().positive().max(1_048_576),
    accepts: 'megabytes (2^20 characters)',
    default: '256',
    about:
      'How much of the past one user may have sent again in a minute; whoever is over it waits with the next stream.',
  },
  ...channelSettings,
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
  ...operationsSettings,
  NODE_ENV: {
    type: z.enum(['development', 'production', 'test']),
    accepts: '`development`, `production` or `test`',
    default: 'development',
    about: 'With `production` the defaults are strict.',
  },
} as const satisfies Record<string, { type: z.ZodType; accepts: string; default: string; about: string }>

export type SettingName = keyof typeof settings

/** Settings whose values are not repeated in a message. */
export const secretSettings: ReadonlySet<string> = new Set([
  'MILLRACE_SECRET',
  'MILLRACE_SECRET_PREVIOUS',
  'SMTP_URL',
  'REDIS_URL',
  ...secretOperationsSettings,
  ...secretProviderSettings,
])
