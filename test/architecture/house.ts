/**
 * The rooms of `src`, and the other rooms whose files each may import, types included. Files at the top of `src`, and those
 * in `compose` (a server of its parts), `run` (a process around it), `settings` and `cli`, compose: they may import every room. Adapters are strangers to each other besides. `task.ts` is what a
 * task imports.
 */
export const rooms = {
  core: [],
  ports: ['core'],
  services: ['ports', 'core'],
  resolvers: ['services', 'ports', 'core'],
  schema: ['resolvers', 'services', 'ports', 'core'],
  server: ['schema', 'resolvers', 'services', 'ports', 'core'],
  adapters: ['ports', 'core'],
  workers: ['task.ts', 'ports', 'core'],
  cluster: ['ports', 'core'],
} as const satisfies Record<string, readonly string[]>

/** What composes: all that may be in `src` and in no room. */
export const composition = ['src/[^/]+$', 'src/compose/', 'src/run/', 'src/settings/', 'src/cli/']

/** Each third-party library, and the files that may import it: paths from the top of the project, as regular expressions. */
export const libraryDoors: Readonly<Record<string, readonly string[]>> = {
  '@envelop/core': ['src/server/'],
  '@envelop/generic-auth': ['src/server/'],
  '@fastify/busboy': ['src/server/'],
  '@graphql-yoga/render-graphiql': ['src/server/'],
  '@pothos/core': ['src/schema/'],
  '@pothos/plugin-directives': ['src/schema/'],
  '@simplewebauthn/server': ['src/adapters/webauthn/'],
  '@zxcvbn-ts/core': ['src/services/accounts/'],
  '@zxcvbn-ts/language-common': ['src/services/accounts/'],
  bcrypt: ['src/adapters/'],
  'cli-progress': ['src/cli/'],
  commander: ['src/cli'],
  cookie: ['src/server/'],
  'csv-parse': ['src/workers/tasks/'],
  graphql: ['src/schema/', 'src/server/', 'src/app.ts', 'src/compose/reload-tasks.ts', 'client/operation.ts'],
  nodemailer: ['src/adapters/mail/'],
  'graphql-sse': ['client/'],
  'graphql-ws': ['src/server/', 'client/'],
  'graphql-yoga': ['src/server/'],
  ioredis: ['src/adapters/redis/'],
  'graphql-redis-subscriptions': ['src/adapters/redis/'],
  // What the one before stands on.
  'graphql-subscriptions': ['src/adapters/redis/'],
  hyparquet: ['src/workers/tasks/'],
  'hyparquet-compressors': ['src/workers/tasks/'],
  jose: ['src/adapters/jose/'],
  kysely: ['src/adapters/sql/'],
  'openid-client': ['src/adapters/oauth/'],
  otplib: ['src/adapters/totp/'],
  pino: ['src/adapters/logging/'],
  'pino-pretty': ['src/adapters/logging/'],
  piscina: ['src/workers/'],
  'rate-limiter-flexible': ['src/adapters/'],
  sharp: ['src/workers/tasks/'],
  'typeid-js': ['src/core/ids.ts'],
  uqr: ['src/adapters/totp/'],
  ws: ['src/server/'],
  // The language in which tasks describe what they take and give, also as JSON Schema.
  zod: [
    'src/core/task.ts',
    'src/task.ts',
    'src/services/jobs/',
    'src/config.ts',
    'src/settings/settings.ts',
    'src/settings/channel-settings.ts',
    'src/settings/provider-settings.ts',
    'src/settings/operations-settings.ts',
  ],
}

/** The modules of Node that reach outside or start something, and the files that may import each. */
export const nodeDoors: Readonly<Record<string, readonly string[]>> = {
  // The threads ask the engine for the line of a syntax error.
  child_process: ['src/cluster/', 'src/cli/', 'src/workers/thread/load-failure.ts'],
  cluster: ['src/cluster/'],
  dgram: [],
  // Providers are asked over connections whose addresses were looked at.
  dns: ['src/adapters/oauth/'],
  fs: ['src/adapters/', 'src/workers/', 'src/server/', 'src/cli/', 'src/testing.ts', 'src/main.ts'],
  http: ['src/server/', 'src/adapters/oauth/', 'src/adapters/webhook/'],
  http2: [],
  https: ['src/adapters/oauth/', 'src/adapters/webhook/'],
  // The limiter and the addresses that an API key is for read the form of an address.
  net: [
    'src/server/',
    'src/services/accounts/limits/limiter-keys.ts',
    'src/services/accounts/api-keys/allowed-ips.ts',
    'src/adapters/oauth/',
  ],
  sqlite: ['src/adapters/sql/node-sqlite.ts'],
  tls: [],
  // V8 gives its garbage collector to contexts that are made for it.
  vm: ['src/adapters/local/memory-probe.ts'],
  // Of the core only the type of the lines between shards. Checkpoints wait for the disk.
  worker_threads: [
    'src/workers/',
    'src/core/task.ts',
    'src/adapters/sql/keep-checkpoints.ts',
    'src/adapters/sql/checkpoint-thread.ts',
  ],
}

/** The only files that hand on what other files export. */
export const barrels = ['src/task.ts', 'src/schema/index.ts']

/** The files that may be longer than 300 lines, each because it is one thing. */
export const longFiles: readonly string[] = []
