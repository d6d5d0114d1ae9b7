import type { Kysely, Selectable } from 'kysely'
import type { Artifact, ArtifactIndex } from '../../ports/artifact-index.ts'
import type { Database } from './schema.ts'

/** `ArtifactIndex` in the table `artifacts`. */
export function sqlArtifactIndex(db: Kysely<Database>): ArtifactIndex {
  return {
    async insert(artifact) {
      await db
        .insertInto('artifacts')
        .values({
          id: artifact.id,
          owner_id: artifact.ownerId,
          hash: artifact.hash,
          size: artifact.size,
          file_name: artifact.fileName,
          media_type: artifact.mediaType,
          created_at: artifact.createdAt,
        })
        .execute()
    },

    async find(id) {
      const row = await db.selectFrom('artifacts').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toArtifact(row)
    },

    async bytesOf(ownerId) {
      const row = await db
        .selectFrom('artifacts')
        .select((on) => on.fn.sum<number | null>('size').as('bytes'))
        .where('owner_id', '=', ownerId)
        .executeTakeFirst()
      return row?.bytes ?? 0
    },

    async unowned(hashes) {
      if (hashes.length === 0) return []
      const rows = await db.selectFrom('artifacts').select('hash').distinct().where('hash', 'in', hashes).execute()
      const owned = new Set(rows.map(({ hash }) => hash))
      return hashes.filter((hash) => !owned.has(hash))
    },
  }
}

/** A row of `artifacts` as the rest of the program knows it. */
export function toArtifact(row: Selectable<Database['artifacts']>): Artifact {
  return {
    id: row.id,
    ownerId: row.owner_id,
    hash: row.hash,
    size: row.size,
    fileName: row.file_name,
    mediaType: row.media_type,
    createdAt: row.created_at,
  }
}
