import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { InvalidInputError } from '../../../src/core/errors.ts'
import type { JsonSchema } from '../../../src/core/json-schema.ts'
import { artifact } from '../../../src/core/task.ts'
import { createTaskCatalogue } from '../../../src/services/jobs/task-catalogue.ts'
import { describeTask } from '../../support/fake-pool.ts'

/** As a thread describes the schema, which comes through JSON. */
const describeSchema = (schema: z.ZodType): JsonSchema =>
  // What zod writes is what `JsonSchema` reads.
  JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))) as JsonSchema

const catalogueOf = (schema: z.ZodType) =>
  createTaskCatalogue([describeTask('task', { inputSchema: describeSchema(schema) })])

const parse = (schema: z.ZodType, input: unknown) => catalogueOf(schema).parseInput('task', input)

function issuesOf(schema: z.ZodType, input: unknown): readonly string[] {
  try {
    parse(schema, input)
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw error
  }
  return []
}

describe('the task catalogue', () => {
  it('knows tasks by name, and nothing else', () => {
    const catalogue = createTaskCatalogue([describeTask('a'), describeTask('b')])
    expect(catalogue.tasks.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(catalogue.find('b')).toEqual(describeTask('b'))
    for (const name of ['c', '', '__proto__', 'constructor']) {
      expect(catalogue.find(name)).toBeNull()
      expect(() => catalogue.parseInput(name, {})).toThrow(`No task named ${JSON.stringify(name)} is loaded.`)
    }
  })

  it('refuses an input schema that it cannot check, naming file and remedy', () => {
    const inputSchema = { type: 'object', if: {} } as JsonSchema
    expect(() => createTaskCatalogue([describeTask('a', { inputSchema })])).toThrow(
      /^\/tasks\/a\.ts: the input of the task a cannot be described in JSON Schema \(.+\)\. Use simpler zod types there/,
    )
  })

  describe('parsing an input', () => {
    it('fills in defaults at every level', () => {
      const schema = z.object({
        threads: z.int32().default(4),
        mode: z.enum(['fast', 'exact']).default('fast'),
        grid: z.object({ width: z.number().default(10), height: z.number() }).optional(),
        rows: z.array(z.object({ weight: z.number().default(1) })).default([]),
      })
      expect(parse(schema, {}).input).toEqual({ threads: 4, mode: 'fast', rows: [] })
      expect(parse(schema, { grid: { height: 2 }, rows: [{}, { weight: 2 }] }).input).toEqual({
        threads: 4,
        mode: 'fast',
        grid: { width: 10, height: 2 },
        rows: [{ weight: 1 }, { weight: 2 }],
      })
    })

    it('leaves out what is null where it may be left out, as GraphQL clients send it', () => {
      const schema = z.object({
        limit: z.int32().default(4),
        note: z.string().optional(),
        really: z.string().nullable(),
        maybe: z.string().nullish(),
        inner: z.object({ deep: z.number().optional() }).optional(),
        list: z.array(z.object({ deep: z.number().default(3) })).optional(),
      })
      const input = {
        limit: null,
        note: null,
        really: null,
        maybe: null,
        inner: { deep: null },
        list: [{ deep: null }],
      }
      expect(parse(schema, input).input).toEqual({
        limit: 4,
        really: null,
        maybe: null,
        inner: {},
        list: [{ deep: 3 }],
      })
      expect(issuesOf(z.object({ needed: z.number() }), { needed: null })).toEqual([
        'needed: Invalid input: expected number, received null.',
      ])
    })

    it('leaves out a null that no member of a union takes', () => {
      const schema = z.object({
        one: z.union([z.object({ a: z.string().optional() }), z.object({ b: z.number() })]),
        other: z.union([z.object({ a: z.string().optional() }), z.object({ a: z.string().nullable() })]),
      })
      const input = { one: { a: null, b: 1 }, other: { a: null } }
      expect(parse(schema, input).input).toEqual({ one: { b: 1 }, other: { a: null } })
    })

    it('tells everything that is wrong, with the path to each', () => {
      const schema = z.object({
        count: z.int32().min(1),
        rows: z.array(z.object({ name: z.string() })),
        email: z.email().optional(),
      })
      const input = { count: 0.5, rows: [{ name: 'a' }, { name: 7 }, {}], email: 'nobody' }
      expect(issuesOf(schema, input)).toEqual([
        'count: Invalid input: expected int, received number.',
        'rows.1.name: Invalid input: expected string, received number.',
        'rows.2.name: Invalid input: expected string, received undefined.',
        'email: Invalid email address.',
      ])
      expect(issuesOf(schema, 'text')).toEqual([': Invalid input: expected object, received string.'])
      expect(issuesOf(schema, undefined)).toHaveLength(1)
    })

    it('says of a union what is wrong with the member that was meant', () => {
      const schema = z.object({
        shape: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('circle'), radius: z.number() }),
          z.object({ kind: z.literal('square'), side: z.number(), angle: z.number() }),
        ]),
        size: z.number().nullable(),
      })
      expect(issuesOf(schema, { shape: { kind: 'square', side: 'x', angle: 'y' }, size: 1 })).toEqual([
        'shape.side: Invalid input: expected number, received string.',
        'shape.angle: Invalid input: expected number, received string.',
      ])
      expect(issuesOf(schema, { shape: { kind: 'circle', radius: 1 }, size: 'big' })).toEqual([
        'size: Invalid input: expected number, received string.',
      ])
    })

    it('lists no more than fifty issues of a maliciously wrong input', () => {
      expect(
        issuesOf(z.object({ rows: z.array(z.string()) }), { rows: Array.from({ length: 1000 }, (_, n) => n) }),
      ).toHaveLength(50)
    })

    it('is not led astray by the names of prototypes', () => {
      const schema = z.object({ options: z.record(z.string(), z.number()).default({}) })
      const input = JSON.parse('{"__proto__":{"polluted":1},"options":{"__proto__":2,"constructor":3}}')
      const parsed = parse(schema, input).input
      expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
      expect(Object.hasOwn({}, 'polluted')).toBe(false)
    })

    it('follows a schema that contains itself', () => {
      const tree: z.ZodType = z.lazy(() => z.object({ file: artifact(), kids: z.array(tree).default([]) }))
      const parsed = parse(z.object({ tree }), { tree: { file: 'a', kids: [{ file: 'b', kids: [{ file: 'c' }] }] } })
      expect(parsed.artifactIds).toEqual(['a', 'b', 'c'])
      expect(parsed.input).toMatchObject({ tree: { kids: [{ kids: [{ kids: [] }] }] } })
    })
  })

  it('reads a deep input of a union that contains itself without trying every combination of its members', () => {
    const tree: z.ZodType = z.lazy(() =>
      z.union([
        z.object({ left: tree.optional(), file: artifact().optional(), note: z.string().optional() }),
        z.object({ left: tree.optional(), size: z.number().optional() }),
      ]),
    )
    const depth = 60
    let input: unknown = { file: 'a', note: null }
    for (let n = 0; n < depth; n += 1) input = { left: input, note: null }
    const catalogue = catalogueOf(z.object({ tree }))
    // By combination 2^60 steps: it would never end.
    const parsed = catalogue.parseInput('task', { tree: input })
    expect(parsed.artifactIds).toEqual(['a'])
    expect(JSON.stringify(parsed.input)).not.toContain('null')
    const hashes = new Map([['a', 'hash']])
    expect(JSON.stringify(catalogue.withContents('task', parsed.input, hashes))).toContain('{"file":{"sha256":"hash"}}')
    const wrong = { tree: { left: { left: 5 } } }
    expect(() => catalogue.parseInput('task', wrong)).toThrow(InvalidInputError)
  })

  describe('finding the artifacts in an input', () => {
    it('finds them at every depth, each once', () => {
      const schema = z.object({
        file: artifact(),
        more: z.array(artifact()).optional(),
        maybe: artifact().optional(),
        nullable: artifact().nullable(),
        pair: z.tuple([artifact(), z.string()]).optional(),
        named: z.record(z.string(), artifact()).optional(),
        inner: z.object({ rows: z.array(z.object({ file: artifact().nullish() })) }).optional(),
        title: z.string().default('not an artifact'),
      })
      expect(parse(schema, { file: 'a', nullable: null }).artifactIds).toEqual(['a'])
      const input = {
        file: 'a',
        more: ['b', 'a'],
        maybe: 'c',
        nullable: 'd',
        pair: ['e', 'text'],
        named: { one: 'f' },
        inner: { rows: [{ file: 'g' }, { file: null }, {}] },
        title: 'h',
      }
      expect(parse(schema, input).artifactIds).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    })

    it('finds those of the member of a union that was meant, and no text of another member', () => {
      const schema = z.object({
        source: z.discriminatedUnion('from', [
          z.object({ from: z.literal('file'), value: artifact() }),
          z.object({ from: z.literal('text'), value: z.string() }),
        ]),
      })
      expect(parse(schema, { source: { from: 'file', value: 'a' } }).artifactIds).toEqual(['a'])
      expect(parse(schema, { source: { from: 'text', value: 'a' } }).artifactIds).toEqual([])
    })

    it('tells the members of a union apart by enums, types, names and what lies deeper, too', () => {
      const byEnum = z.union([
        z.object({ from: z.enum(['file', 'copy']), value: artifact() }),
        z.object({ from: z.enum(['text', 'page']), value: z.string() }),
      ])
      const byType = z.union([
        z.object({ value: artifact(), size: z.number() }),
        z.object({ value: z.string(), size: z.string() }),
      ])
      const byName = z.union([
        z.strictObject({ value: artifact() }),
        z.strictObject({ value: z.string(), text: z.int() }),
      ])
      const deeper = z.union([
        z.object({ value: artifact(), meta: z.object({ kind: z.literal('file') }) }),
        z.object({ value: z.string(), meta: z.object({ kind: z.literal('text') }) }),
      ])
      const schema = z.object({ byEnum, byType, byName, deeper }).partial()
      const files = {
        byEnum: { from: 'copy', value: 'a' },
        byType: { value: 'b', size: 1 },
        byName: { value: 'c' },
        deeper: { value: 'd', meta: { kind: 'file' } },
      }
      const texts = {
        byEnum: { from: 'page', value: 'a' },
        byType: { value: 'b', size: 'big' },
        byName: { value: 'c', text: 1 },
        deeper: { value: 'd', meta: { kind: 'text' } },
      }
      expect(parse(schema, files).artifactIds).toEqual(['a', 'b', 'c', 'd'])
      expect(parse(schema, texts).artifactIds).toEqual([])
    })

    it('finds them where several members of a union may be meant, and in all parts of an intersection', () => {
      const schema = z.object({
        either: z.union([z.object({ file: artifact() }), z.object({ size: z.number().optional() })]).optional(),
        both: z.intersection(z.object({ one: artifact() }), z.object({ two: artifact() })).optional(),
      })
      expect(parse(schema, { either: { file: 'a' }, both: { one: 'b', two: 'c' } }).artifactIds).toEqual([
        'a',
        'b',
        'c',
      ])
    })

    it('finds a default that names one', () => {
      expect(parse(z.object({ file: artifact().default('art_sample') }), {}).artifactIds).toEqual(['art_sample'])
    })
  })
})
