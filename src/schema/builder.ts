import SchemaBuilder from '@pothos/core'
import DirectivesPlugin from '@pothos/plugin-directives'
import type { Scope } from '../core/principal.ts'
import type { RequestContext } from '../resolvers/context.ts'
import type { ReceivedFile } from '../services/jobs/artifact-intake.ts'

/** The types that every chapter of the schema builds on. */
export interface SchemaTypes {
  Context: RequestContext
  DefaultFieldNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: number; Output: number }
    Date: { Input: string; Output: string }
    JSON: { Input: unknown; Output: unknown }
    Upload: { Input: ReceivedFile; Output: never }
  }
  Directives: {
    skipAuth: { locations: 'FIELD_DEFINITION' | 'OBJECT' | 'INTERFACE'; args: Record<string, never> }
    requiresScopes: { locations: 'FIELD_DEFINITION' | 'OBJECT' | 'INTERFACE'; args: { scopes: Scope[][] } }
  }
}

/** A new schema builder. One per app: two apps may have different tasks. */
export function createBuilder() {
  return new SchemaBuilder<SchemaTypes>({
    plugins: [DirectivesPlugin],
    directives: { useGraphQLToolsUnorderedDirectives: true },
    defaultFieldNullability: false,
  })
}

export type Builder = ReturnType<typeof createBuilder>

/** The builder's types as Pothos completes them, for code that makes types from data. */
export type BuilderTypes = Builder['$inferSchemaTypes']
