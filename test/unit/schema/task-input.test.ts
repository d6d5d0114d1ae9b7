import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { InvalidInputError } from '../../../src/core/errors.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { createTaskCatalogue } from '../../../src/services/jobs/task-catalogue.ts'
import { describeTask } from './describe-task.ts'
import { fakeContext, fakeJob } from './fake-context.ts'
import { runOperation } from './run-operation.ts'

const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number().positive(), at: z.iso.datetime().optional() }),
  z.object({ kind: z.literal('no-fill') }),
])

const sum: z.ZodType = z.discriminatedUnion('op', [
  z.object({ op: z.literal('number'), value: z.number() }),
  z.object({
    op: z.literal('add'),
    get terms() {
      return z.array(sum)
    },
  }),
])

const input = z.object({
  shape: shape.nullish(),
  shapes: z.array(shape.nullable()).optional(),
  boxes: z.array(z.object({ lid: shape.default({ kind: 'no-fill' }) })).optional(),
  sum: sum.optional(),
  size: z.union([z.object({ d: z.literal(2) }), z.object({ d: z.enum(['line', 'curve']), n: z.int32() })]).optional(),
  at: z.coerce.date().optional(),
  days: z.array(z.iso.date()).optional(),
  times: z.array(z.iso.datetime().nullable()).default(['2026-01-01T00:00:00Z']),
})

const task = describeTask({ name: 'cook', input })
const { schema } = createSchema([task])
const catalogue = createTaskCatalogue([task])

/** Sends the input through the mutation, and tells what the task would be run on; or what is wrong with it. */
async function sent(value: unknown): Promise<unknown> {
  let parsed: unknown = null
  const context = fakeContext({
    jobs: {
      submit: async (_principal, name, given) => {
        parsed = catalogue.parseInput(name, given).input
        return fakeJob({ task: 'cook' })
      },
    },
  })
  const source =
    'mutation ($input: CookInput!) { cook(input: $input) { ... on InvalidInputError { message issues { path } } } }'
  const { data, errors } = await runOperation(schema, source, context, { input: value })
  if (errors !== undefined) return errors.map(({ message }) => message)
  const { cook } = data as { cook: { message?: string; issues?: { path: string[] }[] } }
  return cook.issues === undefined ? parsed : [cook.message, ...cook.issues.map(({ path }) => path.join('.'))]
}

const times = ['2026-01-01T00:00:00.000Z']

describe('the input of a mutation', () => {
  it('becomes the form of the task, unions with their discriminators', async () => {
    expect(await sent({ shape: { circle: { radius: 2 } } })).toEqual({ shape: { kind: 'circle', radius: 2 }, times })
    expect(await sent({ shape: { noFill: 'YES' } })).toEqual({ shape: { kind: 'no-fill' }, times })
    expect(await sent({ shape: null })).toEqual({ shape: null, times })
    expect(await sent({ shapes: [{ noFill: 'YES' }, null, { circle: { radius: 1 } }] })).toEqual({
      shapes: [{ kind: 'no-fill' }, null, { kind: 'circle', radius: 1 }],
      times,
    })
    expect(await sent({ size: { d2: 'YES' } })).toEqual({ size: { d: 2 }, times })
    expect(await sent({ size: { curve: { n: 3 } } })).toEqual({ size: { d: 'curve', n: 3 }, times })
  })

  it('becomes that at every depth', async () => {
    expect(await sent({ boxes: [{ lid: { circle: { radius: 1, at: '2026-11-22T18:00:00+01:00' } } }, {}] })).toEqual({
      boxes: [{ lid: { kind: 'circle', radius: 1, at: '2026-11-22T17:00:00.000Z' } }, { lid: { kind: 'no-fill' } }],
      times,
    })
    const one = { number: { value: 1 } }
    expect(await sent({ sum: { add: { terms: [one, { add: { terms: [one] } }, { add: { terms: [] } }] } } })).toEqual({
      sum: {
        op: 'add',
        terms: [
          { op: 'number', value: 1 },
          { op: 'add', terms: [{ op: 'number', value: 1 }] },
          { op: 'add', terms: [] },
        ],
      },
      times,
    })
  })

  it('has moments in UTC and days as they are', async () => {
    expect(await sent({ at: '2026-11-22T18:30:00.123456+01:00', days: ['2026-11-22'] })).toEqual({
      at: '2026-11-22T17:30:00.123Z',
      days: ['2026-11-22'],
      times,
    })
    expect(await sent({ times: ['2026-11-22T18:30:00+01:00', null] })).toEqual({
      times: ['2026-11-22T17:30:00.000Z', null],
    })
  })

  it('is left as it is where a null stands for what is not given', async () => {
    expect(await sent({ shape: { circle: { radius: 2, at: null } }, at: null, days: null, sum: null })).toEqual({
      shape: { kind: 'circle', radius: 2 },
      times,
    })
  })

  it('is wrong at the place where the caller has it', async () => {
    expect(await sent({ shape: { circle: { radius: -1 } } })).toEqual([
      'The input is not valid. shape.circle.radius: Too small: expected number to be >0.',
      'shape.circle.radius',
    ])
    expect(await sent({ shapes: [null, { circle: { radius: -1 } }] })).toEqual([
      'The input is not valid. shapes.1.circle.radius: Too small: expected number to be >0.',
      'shapes.1.circle.radius',
    ])
    expect(await sent({ boxes: [{ lid: { circle: { radius: -1 } } }] })).toEqual([
      'The input is not valid. boxes.0.lid.circle.radius: Too small: expected number to be >0.',
      'boxes.0.lid.circle.radius',
    ])
  })

  it.each([
    [{ shape: {} }, 'Within OneOf Input Object type "CookShapeInput", exactly one field must be specified'],
    [{ shape: { noFill: 'YES', circle: { radius: 1 } } }, 'exactly one field must be specified'],
    [{ shape: { noFill: null } }, 'CookShapeInput'],
    [{ shape: { noFill: 'YES', circle: null } }, 'exactly one field must be specified'],
    [{ shape: { noFill: 'NO' } }, 'Value "NO" does not exist in "Chosen" enum.'],
    [{ shape: { noFill: true } }, 'Enum "Chosen" cannot represent non-string value: true.'],
    [{ shape: { square: {} } }, '"CookShapeInput" not to include unknown field "square"'],
    [
      { shape: { circle: { kind: 'circle', radius: 1 } } },
      '"CookShapeCircleInput" not to include unknown field "kind"',
    ],
    [{ at: '2026-02-30T00:00:00Z' }, 'A DateTime is a string such as'],
    [{ at: 1_700_000_000_000 }, 'A DateTime is a string such as'],
    [{ days: ['2026-02-30'] }, 'A Date is a string such as "2026-11-22"'],
  ])('cannot be %j', async (value, sentence) => {
    expect(String(await sent(value))).toContain(sentence)
  })

  it('keeps the paths of options, and of what is wrong with the whole', async () => {
    const issues = [
      { path: ['options', 'priority'], message: 'No.' },
      { path: [], message: 'No.' },
      { path: ['shape', 'kind'], message: 'No.' },
      { path: ['shape'], message: 'No.' },
      { path: ['unknown', 'x'], message: 'No.' },
    ]
    const context = fakeContext({ jobs: { submit: () => Promise.reject(new InvalidInputError(issues)) } })
    const source =
      'mutation { cook(input: { shape: { circle: { radius: 1 } } }) { ... on InvalidInputError { issues { path } } } }'
    expect(await runOperation(schema, source, context)).toEqual({
      data: {
        cook: {
          issues: [
            { path: ['options', 'priority'] },
            { path: [] },
            { path: ['shape', 'circle'] },
            { path: ['shape'] },
            { path: ['unknown', 'x'] },
          ],
        },
      },
    })
  })
})
