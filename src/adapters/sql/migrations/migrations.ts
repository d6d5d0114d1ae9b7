import type { Migration } from 'kysely/migration'
import { initial } from './0001-initial.ts'
import { accounts } from './0002-accounts.ts'
import { jobs } from './0003-jobs.ts'
import { streams } from './0004-streams.ts'
import { channels } from './0005-channels.ts'
import { cluster } from './0006-cluster.ts'
import { queueAge } from './0007-queue-age.ts'

/** All migrations, in order. Only ever appended to: what has landed is not changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-accounts': accounts,
  '0003-jobs': jobs,
  '0004-streams': streams,
  '0005-channels': channels,
  '0006-cluster': cluster,
  '0007-queue-age': queueAge,
}
