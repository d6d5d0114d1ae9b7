import { z } from 'zod'
import type { JsonSchema } from '../../../src/core/json-schema.ts'
import type { TaskDescription } from '../../../src/ports/compute-pool.ts'
import { describeTask as describeAnyTask } from '../../support/fake-pool.ts'

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
    ...describeAnyTask(name),
    description: parts.description ?? 'Counts words.',
    inputSchema: jsonSchema(parts.input ?? z.object({ text: z.string() }), 'input'),
    outputSchema: jsonSchema(parts.output ?? z.object({ count: z.int32() }), 'output'),
    partialSchema: parts.partial === undefined ? null : jsonSchema(parts.partial, 'output'),
    ...(parts.file === undefined ? {} : { file: parts.file }),
  }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const described = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // As the threads describe it.
    override({ zodSchema, jsonSchema: written }) {
      if (zodSchema._zod.def.type === 'date') Object.assign(written, { type: 'string', format: 'date-time' })
    },
  })
  // As a thread sends it: through JSON.
  return JSON.parse(JSON.stringify(described)) as JsonSchema
}
