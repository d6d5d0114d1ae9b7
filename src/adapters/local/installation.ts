import { stat } from 'node:fs/promises'
import { sha256 } from '../../core/secrets.ts'
import { bootId } from './boot-id.ts'

export interface InstallationParts {
  readonly storeId: string
  /** The database's file. */
  readonly database: string
}

/**
 * Names the installation that works on this very file since the machine was started. A copy of the database, which has the
 * same id and the same events, is another installation, on this machine and on others. One machine's processes that ask for it
 * may get different names where `bootId` gives one boot two: one of them asks, for all.
 */
export async function installationOf({ storeId, database }: InstallationParts): Promise<string> {
  const { dev, ino } = await stat(database, { bigint: true })
  return sha256(JSON.stringify([storeId, `${dev}`, `${ino}`, await bootId()])).slice(0, 22)
}
