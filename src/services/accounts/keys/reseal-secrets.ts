import type { Sealer } from '../../../core/sealer.ts'
import type { Records, Store } from '../../../ports/store.ts'
import { totpContext } from '../factors/totp-secret.ts'
import { mailContext } from '../mail/queue-mail.ts'
import { privateKeyContext } from './ring-records.ts'
import { secretSetting, settingContext, storedSecretNames } from './stored-secret.ts'

/** One kind of thing that is sealed in the store. */
interface SealedKind {
  readonly name: string
  /** What names each of them, whether it is outdated or not. */
  list(records: Records): Promise<readonly string[]>
  /** What is sealed, as it is now; `null` when it is gone. */
  find(records: Records, id: string): Promise<string | null>
  context(id: string): string
  /** In the transaction of `find`. */
  replace(records: Records, id: string, sealed: string): Promise<unknown>
}

/**
 * Everything that is kept sealed with the root secret. Not in it are the successors of refresh tokens, which are sealed with
 * their predecessors, and transactions with identity providers, which are over in ten minutes.
 */
const sealedKinds: readonly SealedKind[] = [
  {
    name: 'secrets of this installation',
    list: async () => storedSecretNames.map(secretSetting),
    find: ({ settings }, setting) => settings.get(setting),
    context: settingContext,
    replace: ({ settings }, setting, sealed) => settings.set(setting, sealed),
  },
  {
    name: 'signing keys',
    list: async ({ signingKeys }) => (await signingKeys.list()).map(({ kid }) => kid),
    find: async ({ signingKeys }, id) =>
      (await signingKeys.list()).find(({ kid }) => kid === id)?.privateSealed ?? null,
    context: privateKeyContext,
    replace: ({ signingKeys }, kid, sealed) => signingKeys.reseal(kid, sealed),
  },
  {
    name: 'secrets of authenticator apps',
    list: async ({ factors }) => (await factors.listTotp()).map(({ userId }) => userId),
    find: async ({ factors }, userId) => (await factors.findTotp(userId))?.secretSealed ?? null,
    context: totpContext,
    replace: ({ factors }, userId, sealed) => factors.setTotpSecret(userId, sealed),
  },
]

/** How many things one transaction seals anew: others who write wait for it. */
const portion = 100

/** How far the work has come with one kind. */
export interface ResealProgress {
  readonly kind: string
  readonly done: number
  readonly total: number
}

/**
 * Seals anew with today's root secret whatever an older one sealed; how many things that were. Can be run again, and while
 * servers run, as long as they know today's secret. Throws a `SealError` for what no known secret opens.
 */
export async function resealSecrets(
  { store, sealer }: { readonly store: Store; readonly sealer: Sealer },
  report: (progress: ResealProgress) => void = () => undefined,
): Promise<number> {
  let resealed = await resealMails(store, sealer, report)
  for (const kind of sealedKinds) {
    const ids = await store.read((records) => kind.list(records))
    for (let from = 0; from < ids.length; from += portion) {
      const some = ids.slice(from, from + portion)
      resealed += await store.write((records) => resealSome(records, { kind, sealer, ids: some }))
      report({ kind: kind.name, done: from + some.length, total: ids.length })
    }
  }
  return resealed
}

async function resealSome(
  records: Records,
  { kind, sealer, ids }: { readonly kind: SealedKind; readonly sealer: Sealer; readonly ids: readonly string[] },
): Promise<number> {
  let resealed = 0
  for (const id of ids) {
    const sealed = await kind.find(records, id)
    if (sealed === null || !sealer.isOutdated(sealed)) continue
    await kind.replace(records, id, reseal(sealer, sealed, kind.context(id)))
    resealed += 1
  }
  return resealed
}

/** Mails are never changed: one that was sent meanwhile is not there to be replaced. */
async function resealMails(store: Store, sealer: Sealer, report: (progress: ResealProgress) => void): Promise<number> {
  const mails = await store.read((records) => records.mails.list())
  const outdated = mails.filter(({ sealed }) => sealer.isOutdated(sealed))
  for (let from = 0; from < outdated.length; from += portion) {
    const some = outdated.slice(from, from + portion)
    await store.write(async (records) => {
      for (const { id, sealed } of some) await records.mails.reseal(id, reseal(sealer, sealed, mailContext(id)))
    })
    report({ kind: 'waiting mails', done: from + some.length, total: outdated.length })
  }
  return outdated.length
}

function reseal(sealer: Sealer, sealed: string, context: string): string {
  return sealer.seal(sealer.open(sealed, context), context)
}
