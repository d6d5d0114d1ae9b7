import type { Artifact } from '../../ports/artifact-index.ts'
import { artifactUrl } from '../../resolvers/jobs/artifact-url.ts'
import { findArtifact } from '../../resolvers/jobs/find-artifact.ts'
import { uploadArtifact } from '../../resolvers/jobs/upload-artifact.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/** Adds the type `Artifact`, the query `artifact` and the mutation `uploadArtifact`. */
export function addArtifacts(builder: Builder) {
  const artifact = builder.objectRef<Artifact>('Artifact').implement({
    description: 'A file that was uploaded, or that a job made. Tasks take its id in their input.',
    directives: requiresOneOf('artifacts:read', 'artifacts:write'),
    fields: (t) => ({
      id: t.exposeID('id', { description: 'What the input of a task names the file by.' }),
      fileName: t.exposeString('fileName', { description: 'The name that it was given.' }),
      mediaType: t.exposeString('mediaType', { description: 'The media type that it was given.' }),
      size: t.exposeFloat('size', { description: 'The size in bytes.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was uploaded or made.' }),
      url: t.string({
        description: 'Where the bytes can be fetched, with the same credential.',
        resolve: artifactUrl,
      }),
    }),
  })

  builder.queryField('artifact', (t) =>
    t.field({
      type: artifact,
      nullable: true,
      description: 'One of your files; null for an id that is unknown or not yours.',
      directives: requiresOneOf('artifacts:read'),
      args: { id: t.arg.id({ required: true, description: 'The id of the file.' }) },
      resolve: findArtifact,
    }),
  )

  builder.mutationField('uploadArtifact', (t) =>
    t.field({
      type: artifact,
      description:
        'Keeps a file. It is streamed to the server in a multipart request and must not be over the size limit.',
      directives: requiresOneOf('artifacts:write'),
      args: { file: t.arg({ type: 'Upload', required: true, description: 'The file, as a variable.' }) },
      resolve: uploadArtifact,
    }),
  )
  return artifact
}

export type ArtifactRef = ReturnType<typeof addArtifacts>
