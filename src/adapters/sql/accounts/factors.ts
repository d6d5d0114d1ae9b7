import type { Kysely, Selectable } from 'kysely'
import type { Factors, TotpRecord } from '../../../ports/accounts/factors.ts'
import type { Database } from '../schema.ts'

type RecoveryCodes = Pick<
  Factors,
  'setRecoveryCodes' | 'useRecoveryCode' | 'countRecoveryCodes' | 'removeRecoveryCodes'
>

/** `Factors` in the tables `totp_secrets` and `recovery_codes`. */
export function sqlFactors(db: Kysely<Database>): Factors {
  return { ...totpSecrets(db), ...recoveryCodes(db) }
}

function totpSecrets(db: Kysely<Database>): Omit<Factors, keyof RecoveryCodes> {
  return {
    async findTotp(userId) {
      const row = await db.selectFrom('totp_secrets').selectAll().where('user_id', '=', userId).executeTakeFirst()
      return row === undefined ? null : toTotp(row)
    },

    async beginTotp({ userId, secretSealed, createdAt }) {
      const pending = { secret_sealed: secretSealed, created_at: createdAt, confirmed_at: null, last_step: null }
      const begun = await db
        .insertInto('totp_secrets')
        .values({ user_id: userId, ...pending })
        .onConflict((on) => on.column('user_id').doUpdateSet(pending).where('totp_secrets.confirmed_at', 'is', null))
        .returning('user_id')
        .executeTakeFirst()
      return begun !== undefined
    },

    async confirmTotp(userId, createdAt, at, step) {
      const confirmed = await db
        .updateTable('totp_secrets')
        .set({ confirmed_at: at, last_step: step })
        .where('user_id', '=', userId)
        .where('created_at', '=', createdAt)
        .where('confirmed_at', 'is', null)
        .returning('user_id')
        .executeTakeFirst()
      return confirmed !== undefined
    },

    async useTotpStep(userId, step) {
      const used = await db
        .updateTable('totp_secrets')
        .set({ last_step: step })
        .where('user_id', '=', userId)
        .where('confirmed_at', 'is not', null)
        .where((on) => on.or([on('last_step', 'is', null), on('last_step', '<', step)]))
        .returning('user_id')
        .executeTakeFirst()
      return used !== undefined
    },

    async removeTotp(userId) {
      const removed = await db
        .deleteFrom('totp_secrets')
        .where('user_id', '=', userId)
        .returning('user_id')
        .executeTakeFirst()
      return removed !== undefined
    },

    async setTotpSecret(userId, secretSealed) {
      await db.updateTable('totp_secrets').set({ secret_sealed: secretSealed }).where('user_id', '=', userId).execute()
    },

    async listTotp() {
      return (await db.selectFrom('totp_secrets').selectAll().orderBy('user_id').execute()).map(toTotp)
    },
  }
}

function recoveryCodes(db: Kysely<Database>): RecoveryCodes {
  async function removeRecoveryCodes(userId: string): Promise<void> {
    await db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  }

  return {
    removeRecoveryCodes,

    async setRecoveryCodes(userId, hashes) {
      await removeRecoveryCodes(userId)
      if (hashes.length === 0) return
      const rows = hashes.map((hash) => ({ user_id: userId, hash, used_at: null }))
      await db.insertInto('recovery_codes').values(rows).execute()
    },

    async useRecoveryCode(userId, hash, at) {
      const used = await db
        .updateTable('recovery_codes')
        .set({ used_at: at })
        .where('user_id', '=', userId)
        .where('hash', '=', hash)
        .where('used_at', 'is', null)
        .returning('hash')
        .executeTakeFirst()
      return used !== undefined
    },

    async countRecoveryCodes(userId) {
      const row = await db
        .selectFrom('recovery_codes')
        .select((on) => on.fn.countAll().as('codes'))
        .where('user_id', '=', userId)
        .where('used_at', 'is', null)
        .executeTakeFirst()
      return Number(row?.codes ?? 0)
    },
  }
}

function toTotp(row: Selectable<Database['totp_secrets']>): TotpRecord {
  return {
    userId: row.user_id,
    secretSealed: row.secret_sealed,
    createdAt: row.created_at,
    confirmedAt: row.confirmed_at,
    lastStep: row.last_step,
  }
}
