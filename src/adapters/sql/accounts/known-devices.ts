import type { Kysely } from 'kysely'
import type { KnownDevices } from '../../../ports/accounts/known-devices.ts'
import type { Database } from '../schema.ts'

/** How many browsers of one user are kept. */
const devicesPerUser = 20

/** `KnownDevices` in the table `known_devices`. */
export function sqlKnownDevices(db: Kysely<Database>): KnownDevices {
  return {
    async has(userId, deviceHash, since) {
      const row = await db
        .selectFrom('known_devices')
        .select('device_hash')
        .where('user_id', '=', userId)
        .where('device_hash', '=', deviceHash)
        .where('last_used_at', '>', since)
        .executeTakeFirst()
      return row !== undefined
    },

    async of(userId) {
      const rows = await db.selectFrom('known_devices').select('device_hash').where('user_id', '=', userId).execute()
      return rows.map((row) => row.device_hash)
    },

    async note(userId, deviceHash, at) {
      await db
        .insertInto('known_devices')
        .values({ user_id: userId, device_hash: deviceHash, last_used_at: at })
        .onConflict((on) =>
          on
            .columns(['user_id', 'device_hash'])
            .doUpdateSet({ last_used_at: at })
            .where('known_devices.last_used_at', '<', at),
        )
        .execute()
      const newest = db
        .selectFrom('known_devices')
        .select('device_hash')
        .where('user_id', '=', userId)
        .orderBy('last_used_at', 'desc')
        .orderBy('device_hash')
        .limit(devicesPerUser)
      await db
        .deleteFrom('known_devices')
        .where('user_id', '=', userId)
        .where('device_hash', 'not in', newest)
        .execute()
    },

    async removeAll(userId) {
      await db.deleteFrom('known_devices').where('user_id', '=', userId).execute()
    },
  }
}
