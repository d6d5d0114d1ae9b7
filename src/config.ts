import { availableParallelism } from 'node:os'
import type { z } from 'zod'
import { type ChannelsConfig, readChannels } from './settings/channel-settings.ts'
import { isGuessableSecret } from './core/guessable-secret.ts'
import { type OperationsConfig, readOperations } from './settings/operations-settings.ts'
import { rpIdMistake } from './compose/passkey-site.ts'
import { type OAuthConfig, readOAuth } from './settings/provider-settings.ts'
import { secretSettings, settings, type SettingName } from './settings/settings.ts'

/** All settings, read once. Sizes in bytes, times in ms. */
export interface Config {
  readonly production: boolean
  readonly port: number
  readonly host: string
  /** How many processes serve. */
  readonly processes: number
  /** `null`: there is no Redis. */
  readonly redisUrl: string | null
  /** `null`: http://localhost and the port that was bound. */
  readonly publicUrl: string | null
  readonly dataDir: string
  readonly taskFolders: readonly string[]
  readonly taskReload: boolean
  /** `null`: made and kept in the data folder. */
  readonly secret: string | null
  /** Newest first. */
  readonly previousSecrets: readonly string[]
  readonly accessTokenMs: number
  readonly accessTokenAlgorithm: 'EdDSA' | 'ES256'
  readonly refreshGraceMs: number
  readonly signUp: 'open' | 'invite' | 'closed'
  /** `null`: there is no list. */
  readonly passwordBlocklist: string | null
  /** `null`: as the server's own address. */
  readonly appUrl: string | null
  /** `null`: the host of the app, or of this server. */
  readonly passkeyRpId: string | null
  readonly emailVerification: boolean
  /** `null`: mails go to a folder and to the log. */
  readonly smtpUrl: string | null
  /** `null`: millrace at the server's own host. */
  readonly mailFrom: string | null
  readonly requireMfa: 'none' | 'admins' | 'all'
  readonly totpWindow: 'present' | 'previous' | 'both'
  readonly oauth: OAuthConfig
  /** For how long the audit log is kept. */
  readonly auditKeepMs: number
  readonly corsOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly computeThreads: number
  /** Of each thread, in MiB. `null`: as much as Node gives it. */
  readonly computeHeapMb: number | null
  readonly artifactMaxBytes: number
  readonly artifactQuotaBytes: number
  readonly jobsPerUser: number
  /** For how long a job is kept after its end, and a file that no job names. */
  readonly jobsKeepMs: number
  readonly channels: ChannelsConfig
  readonly streamsPerUser: number
  readonly streamsPerNetwork: number
  readonly replayPerMinute: number
  readonly sessionIdleMs: number
  readonly sessionMaxMs: number
  readonly graphiql: boolean
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly operations: OperationsConfig
}

/** Settings that cannot be used. The message lists every mistake with the variable's name and what it accepts. */
class SettingsError extends Error {
  readonly code = 'SETTINGS_INVALID'

  constructor(mistakes: readonly string[]) {
    super(`These settings cannot be used:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`)
    this.name = 'SettingsError'
  }
}

type Environment = Readonly<Record<string, string | undefined>>
type Values = { [Name in SettingName]: z.output<(typeof settings)[Name]['type']> | Absent<Name> }
/** What has no default may be absent. */
type Absent<Name extends SettingName> = '' extends (typeof settings)[Name]['default'] ? null : never

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
  const oauth = readOAuth(environment, values, mistakes)
  const channels = readChannels(values, mistakes)
  const wrongRpId = rpIdMistake(values.PASSKEY_RP_ID, values.APP_URL, values.PUBLIC_URL)
  if (wrongRpId !== null) mistakes.push(wrongRpId)
  if (production && values.MILLRACE_SECRET !== null && isGuessableSecret(values.MILLRACE_SECRET)) {
    mistakes.push(
      'MILLRACE_SECRET: is an example or can be guessed; with NODE_ENV=production it takes a random one, such as `openssl rand -base64 32` gives.',
    )
  }
  if (mistakes.length > 0) throw new SettingsError(mistakes)
  return { ...toConfig(values, production), oauth, channels, operations: readOperations(values) }
}

const minute = 60 * 1000
const day = 24 * 60 * minute
const megabyte = 2 ** 20

function toConfig(values: Values, production: boolean): Omit<Config, 'oauth' | 'channels' | 'operations'> {
  return {
    production,
    port: values.PORT,
    host: values.HOST,
    processes: values.WEB_CONCURRENCY,
    redisUrl: values.REDIS_URL,
    publicUrl: values.PUBLIC_URL,
    dataDir: values.DATA_DIR,
    taskFolders: values.MILLRACE_TASKS ?? [],
    taskReload: values.TASK_RELOAD === null ? values.NODE_ENV === 'development' : values.TASK_RELOAD === 'on',
    secret: values.MILLRACE_SECRET,
    previousSecrets: values.MILLRACE_SECRET_PREVIOUS ?? [],
    accessTokenMs: values.ACCESS_TOKEN_MINUTES * minute,
    accessTokenAlgorithm: values.ACCESS_TOKEN_ALGORITHM,
    refreshGraceMs: values.REFRESH_GRACE_SECONDS * 1000,
    signUp: values.SIGN_UP,
    passwordBlocklist: values.PASSWORD_BLOCKLIST,
    appUrl: values.APP_URL,
    passkeyRpId: values.PASSKEY_RP_ID,
    emailVerification:
      values.EMAIL_VERIFICATION === null ? values.SMTP_URL !== null : values.EMAIL_VERIFICATION === 'on',
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM,
    requireMfa: values.REQUIRE_MFA,
    totpWindow: values.TOTP_WINDOW,
    auditKeepMs: values.AUDIT_DAYS * day,
    corsOrigins: values.CORS_ORIGINS ?? [],
    trustedProxies: values.TRUSTED_PROXIES ?? [],
    computeThreads: values.COMPUTE_THREADS ?? availableParallelism(),
    computeHeapMb: values.COMPUTE_HEAP_MB,
    artifactMaxBytes: values.ARTIFACT_MAX_MB * megabyte,
    artifactQuotaBytes: values.ARTIFACT_QUOTA_MB * megabyte,
    jobsPerUser: values.JOBS_PER_USER,
    jobsKeepMs: values.JOBS_KEEP_DAYS * day,
    streamsPerUser: values.STREAMS_PER_USER,
    streamsPerNetwork: values.STREAMS_PER_NETWORK,
    replayPerMinute: values.REPLAY_MB_PER_MINUTE * megabyte,
    sessionIdleMs: values.SESSION_IDLE_DAYS * day,
    sessionMaxMs: values.SESSION_MAX_DAYS * day,
    graphiql: values.GRAPHIQL === null ? !production : values.GRAPHIQL === 'on',
    logLevel: values.LOG_LEVEL,
  }
}
