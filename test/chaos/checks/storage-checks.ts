import { type Check, observed } from './check.ts'

/** What lies on the disk at the end, and how the server went. */
export const storageChecks = {
  databaseIsSound: {
    sentence: 'The database has no fault: `PRAGMA integrity_check` and `foreign_key_check`.',
    *find({ record }) {
      yield* record.faults
    },
  },

  noLitter: {
    sentence: 'No half-written file is left, and the blobs are exactly those that the artifacts name.',
    *find({ record: { files } }) {
      const blobs = new Set(files.blobs)
      const named = new Set(files.named)
      for (const name of files.litter) yield `${name} was left behind.`
      for (const hash of blobs.difference(named)) yield `The blob ${hash} is of no artifact.`
      for (const hash of named.difference(blobs)) yield `An artifact names the blob ${hash}, which is not there.`
    },
  },

  filesAreOfSuccess: {
    sentence: 'Only the attempt that succeeded, or runs, has files that it wrote.',
    *find({ record }) {
      const written = Map.groupBy(record.files.written, ({ jobId }) => jobId)
      for (const { job } of record.jobs) {
        for (const { fence, artifactId } of written.get(job.id) ?? []) {
          const isOfLast = (job.state === 'SUCCEEDED' || job.state === 'RUNNING') && fence === job.fence
          if (!isOfLast && job.memoizedFrom === null)
            yield `${job.id} is ${job.state} and has ${artifactId} of attempt ${fence}.`
        }
      }
    },
  },

  stopsAreClean: {
    sentence: 'A server that is asked to end ends by itself, with status 0.',
    *find(evidence) {
      for (const { signal, code } of observed(evidence, 'stopped')) {
        // Who is killed on the way out may be gone by then.
        const isClean = code === 0 || (signal === 'SIGKILL' && code === null)
        if (!isClean) yield `${signal} was answered with status ${code}.`
      }
    },
  },
} as const satisfies Record<string, Check>
