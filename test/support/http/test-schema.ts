import type { GraphQLSchema } from 'graphql'
import { createSchema } from 'graphql-yoga'
import { NotFoundError, RateLimitedError, Refusal } from '../../../src/core/errors.ts'
import type { RequestContext } from '../../../src/resolvers/context.ts'
import type { ReceivedFile } from '../../../src/services/jobs/artifact-intake.ts'

/** A small schema with a field for each thing that the HTTP door has to do with an answer. */
export function testSchema(): GraphQLSchema {
  return createSchema<RequestContext>({
    typeDefs: /* GraphQL */ `
      scalar Upload
      enum Colour {
        RED
        GREEN
      }
      input Paint {
        colour: Colour!
      }
      type Artifact {
        id: ID!
        fileName: String!
        mediaType: String!
        size: Int!
        hash: String!
      }
      type Query {
        hello(name: String): String!
        paint(with: Paint!): String!
        me: String
        client: String!
        boom: String
        mustBoom: String!
        refused: String
        missing: String!
        limited: String!
        colour: Colour
      }
      type Mutation {
        touch: Int!
        signIn(cookie: String!): Boolean!
        signOut: Boolean!
        uploadArtifact(file: Upload!): Artifact!
        uploadArtifacts(files: [Upload!]!): [Artifact!]!
        ignoreUpload(file: Upload!): String!
        failWithUpload(file: Upload!): String!
      }
      type Subscription {
        ticks: Int!
      }
    `,
    resolvers: { Query: queries, Mutation: mutations(), Subscription: { ticks: { subscribe: neverSubscribed } } },
  })
}

const queries = {
  hello: (_: unknown, { name }: { name?: string }) => `Hello, ${name ?? 'world'}!`,
  paint: (_: unknown, { with: { colour } }: { with: { colour: string } }) => colour,
  me: (_: unknown, __: unknown, { principal }: RequestContext) =>
    principal.kind === 'anonymous' ? principal.refused : principal.userId,
  client: (_: unknown, __: unknown, { client: { ip, userAgent } }: RequestContext) => JSON.stringify({ ip, userAgent }),
  boom: () => {
    throw new Error('SQLITE_BUSY at /srv/secret/path.ts')
  },
  mustBoom: () => {
    throw new DOMException('inner detail', 'TimeoutError')
  },
  refused: () => {
    throw new Refusal('INSUFFICIENT_SCOPE', 'You may not.')
  },
  missing: () => {
    throw new NotFoundError('job')
  },
  limited: () => {
    throw new RateLimitedError('Too many attempts.', 12.3)
  },
  colour: () => 'an inner value',
}

interface FileArguments {
  readonly file: ReceivedFile
}

function mutations() {
  let touched = 0
  return {
    touch: () => ++touched,
    signIn: (_: unknown, { cookie }: { cookie: string }, { sessionCookie }: RequestContext) => {
      sessionCookie?.set(cookie, Date.now() + 3_600_000)
      return true
    },
    signOut: (_: unknown, __: unknown, { sessionCookie }: RequestContext) => {
      sessionCookie?.clear()
      return true
    },
    uploadArtifact: (_: unknown, { file }: FileArguments, { services, principal }: RequestContext) =>
      services.artifacts.upload(principal, file),
    uploadArtifacts: (_: unknown, { files }: { files: ReceivedFile[] }, { services, principal }: RequestContext) =>
      Promise.all(files.map((file) => services.artifacts.upload(principal, file))),
    ignoreUpload: (_: unknown, { file }: FileArguments) => file.fileName,
    failWithUpload: () => {
      throw new Error('inner detail')
    },
  }
}

function neverSubscribed(): never {
  throw new TypeError('This door must not open a subscription.')
}
