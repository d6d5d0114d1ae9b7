import type { Kysely } from 'kysely'
import type { IdempotencyKeys, KeyUse } from '../../../ports/idempotency-keys.ts'
import type { Database } from '../schema.ts'

/** `IdempotencyKeys` in the table `idempotency_keys`. */
export function sqlIdempotencyKeys(db: Kysely<Database>): IdempotencyKeys {
  return {
    async claim({ userId, topic, key, inputHash, expiresAt }, now) {
      const entered = await db
        .insertInto('idempotency_keys')
        .values({ user_id: userId, topic, key, input_hash: inputHash, expires_at: expiresAt })
        .onConflict((on) =>
          on
            .columns(['user_id', 'topic', 'key'])
            .doUpdateSet({ input_hash: inputHash, expires_at: expiresAt, result: '' })
            .where('idempotency_keys.expires_at', '<=', now),
        )
        .returning('key')
        .executeTakeFirst()
      if (entered !== undefined) return null
      const earlier = await db
        .selectFrom('idempotency_keys')
        .select(['input_hash', 'result'])
        .where('user_id', '=', userId)
        .where('topic', '=', topic)
        .where('key', '=', key)
        .executeTakeFirstOrThrow()
      return { inputHash: earlier.input_hash, result: earlier.result }
    },

    async complete({ userId, topic, key }: KeyUse, result) {
      await db
        .updateTable('idempotency_keys')
        .set({ result })
        .where('user_id', '=', userId)
        .where('topic', '=', topic)
        .where('key', '=', key)
        .execute()
    },

    async purge(now, limit) {
      const expired = db
        .selectFrom('idempotency_keys')
        .select(['user_id', 'topic', 'key'])
        .where('expires_at', '<=', now)
        .orderBy('expires_at')
        .limit(limit)
      const gone = await db
        .deleteFrom('idempotency_keys')
        .where((on) => on(on.refTuple('user_id', 'topic', 'key'), 'in', expired.$asTuple('user_id', 'topic', 'key')))
        .returning('key')
        .execute()
      return gone.length
    },
  }
}
