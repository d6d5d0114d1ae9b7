import { z } from 'zod'
import type { JsonSchema } from '../../../src/core/json-schema.ts'
import type { TaskDescription } from '../../../src/ports/compute-pool.ts'

interface Parts {
  readonly name?: string
  readonly description?: string
  readonly file?: string
  readonly input?: z.ZodType
  readonly output?: z.ZodType
  readonly partial?: z.ZodType
}

/** A task as a thread describes it. */
export function describeTask(parts: Parts = {}): TaskDescription {
  const name = parts.name ?? 'countWords'
  return {
    name,
    description: parts.description ?? 'Counts words.',
    version: '1',
    inputSchema: jsonSchema(parts.input ?? z.object({ text: z.string() }), 'input'),
    outputSchema: jsonSchema(parts.output ?? z.object({ count: z.int32() }), 'output'),
    partialSchema: parts.partial === undefined ? null : jsonSchema(parts.partial, 'output'),
    timeoutMs: null,
    graceMs: 2000,
    file: parts.file ?? `/tasks/${name}.ts`,
  }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // As a thread sends it: through JSON.
  return JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io }))) as JsonSchema
}
