import { anonymous, type KnownPrincipal, scopesOf } from '../../../src/core/principal.ts'
import { Refusal } from '../../../src/core/errors.ts'
import { newId } from '../../../src/core/ids.ts'
import type { Artifact } from '../../../src/ports/artifact-index.ts'
import type { BlobStore } from '../../../src/ports/blob-store.ts'
import type { Services } from '../../../src/resolvers/context.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import { cleanFileName, cleanMediaType } from '../../../src/services/jobs/artifact-names.ts'
import type { ReceivedFile } from '../../../src/services/jobs/artifact-intake.ts'
import type { Artifacts } from '../../../src/services/jobs/artifacts.ts'

/** Somebody with one credential of each kind: `<name>-token`, `<name>-key` and the cookie `<name>-cookie`. */
export function somebody(name: string): KnownPrincipal {
  return {
    kind: 'user',
    userId: name,
    scopes: scopesOf(['user']),
    roles: ['user'],
    assurance: 1,
    authenticatedAt: 0,
    sessionId: `session-of-${name}`,
    generation: 1,
    keyId: null,
    expiresAt: null,
    mustEnrol: false,
  }
}

const credential = /^(alice|bob)-(token|key|cookie)$/

/** Accounts that know Alice and Bob by their credentials, and refuse as the real ones do. */
function fakeAccounts(): Accounts {
  const notHere = () => {
    throw new TypeError('This test signs nobody in.')
  }
  const known: Pick<Accounts, 'authenticate' | 'watch'> = {
    // Nobody's credential ends.
    watch: () => () => undefined,
    async authenticate({ apiKey, bearer, sessionCookie }) {
      const header = apiKey ?? bearer
      if (header !== null) {
        const name = credential.exec(header)?.[1]
        if (name === undefined) throw new Refusal('UNAUTHENTICATED', 'The credential is not valid.')
        return somebody(name)
      }
      if (sessionCookie === null) return anonymous
      const name = credential.exec(sessionCookie)?.[1]
      return name === undefined ? { kind: 'anonymous', refused: 'SESSION_REVOKED' } : somebody(name)
    },
  }
  // What else accounts can do is refused by name.
  return new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? notHere }) as Accounts
}

/** Artifacts over a real blob store, with an index in memory. */
function fakeArtifacts(blobs: BlobStore, maxBytes: number): Artifacts {
  const index = new Map<string, Artifact>()
  return {
    maxBytes,
    async openUpload(principal) {
      if (principal.kind === 'anonymous') throw new Refusal('UNAUTHENTICATED', 'Sign in to upload files.')
      return { receive: (source) => blobs.receive(source, maxBytes), [Symbol.dispose]: () => {} }
    },
    async upload(principal, { blob, ...label }) {
      if (principal.kind === 'anonymous') throw new Refusal('UNAUTHENTICATED', 'Sign in to upload files.')
      await blob.keep()
      const { hash, size } = blob
      const id = newId('artifact')
      const artifact = { id, ownerId: principal.userId, hash, size, ...cleaned(label), createdAt: Date.now() }
      index.set(id, artifact)
      return artifact
    },
    async find(principal, id) {
      const artifact = index.get(id) ?? null
      return principal.kind !== 'anonymous' && artifact?.ownerId === principal.userId ? artifact : null
    },
    read: (artifact, range) => blobs.read(artifact.hash, range),
  }
}

/** Services of which the HTTP door uses accounts and artifacts only. */
export function fakeServices(blobs: BlobStore, maxBytes: number): Services {
  const unused = (what: string) => () => {
    throw new TypeError(`This test has no ${what}.`)
  }
  return {
    accounts: fakeAccounts(),
    artifacts: fakeArtifacts(blobs, maxBytes),
    jobs: {
      submit: unused('jobs'),
      retry: unused('jobs'),
      attempts: unused('jobs'),
      written: unused('jobs'),
      find: unused('jobs'),
      list: unused('jobs'),
      output: unused('jobs'),
      partials: unused('jobs'),
      cancel: unused('jobs'),
      watch: unused('jobs'),
      watchAll: unused('jobs'),
    },
    channels: { publish: unused('channels'), watch: unused('channels') },
    notices: {
      publish: unused('notices'),
      withdraw: unused('notices'),
      inForce: unused('notices'),
      watch: unused('notices'),
    },
    pool: { read: unused('pool') },
    alerts: { list: unused('alerts'), watch: unused('alerts') },
    cluster: { status: unused('cluster'), watch: unused('cluster') },
    system: { status: unused('system'), watch: unused('system') },
    heapSnapshots: {
      capture: unused('heap snapshots'),
      list: unused('heap snapshots'),
      remove: unused('heap snapshots'),
      find: unused('heap snapshots'),
      open: unused('heap snapshots'),
    },
    runtimeSettings: {
      read: unused('runtime settings'),
      setLogLevel: unused('runtime settings'),
      setMaintenance: unused('runtime settings'),
      maintenance: () => null,
    },
    tasks: {
      tasks: [],
      find: () => null,
      parseInput: unused('tasks'),
      withContents: unused('tasks'),
      replace: unused('tasks'),
    },
  }
}

/** As the service keeps what a sender says of a file. */
function cleaned({ fileName, mediaType }: Omit<ReceivedFile, 'blob'>) {
  return { fileName: cleanFileName(fileName), mediaType: cleanMediaType(mediaType) }
}
