import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { subscribe } from '../../client/subscribe.ts'
import type { App } from '../../src/app.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'
import { openMillApp } from './jobs/mill-tasks.ts'

let app: App
let ada: SignedInUser

beforeAll(async () => {
  app = await openMillApp()
  ada = await signUpAt(app.url, 'ada')
})

afterAll(() => app[Symbol.asyncDispose]())

const shapeFields = (
  prefix: string,
) => `__typename ... on ${prefix}Circle { kind radius } ... on ${prefix}NoFill { kind }
  ... on ${prefix}Polygon { kind points { x y } }`

const draw = `mutation ($input: DrawShapeInput!) {
  drawShape(input: $input, options: { waitMs: 20000 }) {
    __typename
    ... on InvalidInputError { message issues { path message } }
    ... on DrawShapeAccepted {
      job {
        id state output error { message }
        artifacts { id fileName mediaType size }
        result {
          shape { ${shapeFields('DrawShapeResultShape')} }
          more { ${shapeFields('DrawShapeResultMore')} }
          at from day
          picture { id fileName url }
          all { fileName }
        }
      }
    }
  }
}`

interface Drawn {
  readonly drawShape: {
    readonly __typename: string
    readonly message: string
    readonly issues: readonly { readonly path: readonly string[]; readonly message: string }[]
    readonly job: {
      readonly id: string
      readonly state: string
      readonly output: { readonly picture: string; readonly all: readonly string[] }
      readonly artifacts: readonly { readonly id: string; readonly fileName: string }[]
      readonly result: Readonly<Record<string, unknown>> & {
        readonly picture: { readonly id: string; readonly url: string }
      }
    }
  }
}

const points = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 0, y: 1 },
]
const plain = { shape: { noFill: 'YES' }, at: '2026-11-22T18:30:00.25+01:00', day: '2026-11-22' }

describe('a typed mutation', () => {
  it('takes unions, moments, days and files, and gives them back', async () => {
    const stencil = await ada.upload('stencil.csv', 'x')
    const { drawShape } = await ada.request<Drawn>(draw, {
      input: {
        ...plain,
        shape: { circle: { radius: 2 } },
        more: [{ polygon: { points } }, { noFill: 'YES' }],
        stencil,
      },
    })
    const { picture } = drawShape.job.result
    expect(drawShape.job).toEqual({
      id: expect.stringMatching(/^job_/),
      state: 'SUCCEEDED',
      error: null,
      output: {
        shape: { kind: 'circle', radius: 2 },
        more: [{ kind: 'polygon', points }, { kind: 'no-fill' }],
        at: '2026-11-22T17:30:00.250Z',
        from: '2026-01-01T00:00:00.000Z',
        day: '2026-11-22',
        picture: picture.id,
        all: [expect.stringMatching(/^art_/), picture.id],
      },
      artifacts: [
        { id: picture.id, fileName: 'a.txt', mediaType: 'text/plain', size: 6 },
        { id: drawShape.job.output.all[0], fileName: 'b.txt', mediaType: 'text/plain', size: 10 },
      ],
      result: {
        shape: { __typename: 'DrawShapeResultShapeCircle', kind: 'circle', radius: 2 },
        more: [
          { __typename: 'DrawShapeResultMorePolygon', kind: 'polygon', points },
          { __typename: 'DrawShapeResultMoreNoFill', kind: 'no-fill' },
        ],
        at: '2026-11-22T17:30:00.250Z',
        from: '2026-01-01T00:00:00.000Z',
        day: '2026-11-22',
        picture: { id: picture.id, fileName: 'a.txt', url: `${app.url}/artifacts/${picture.id}` },
        all: [{ fileName: 'b.txt' }, { fileName: 'a.txt' }],
      },
    })
    const bytes = await fetch(picture.url, { headers: ada.headers })
    expect(await bytes.text()).toBe('circle')
  })

  it('has beside it one that takes JSON in the form of the task', async () => {
    const submit = `mutation ($input: JSON!) {
      submitJob(task: "drawShape", input: $input, options: { waitMs: 20000 }) {
        ... on InvalidInputError { issues { path } }
        ... on JobAccepted { job { state ... on DrawShapeJob { result { at shape { __typename } } } } }
      }
    }`
    expect(await ada.request(submit, { input: { ...plain, shape: { kind: 'no-fill' } } })).toEqual({
      submitJob: {
        job: {
          state: 'SUCCEEDED',
          result: { at: '2026-11-22T17:30:00.250Z', shape: { __typename: 'DrawShapeResultShapeNoFill' } },
        },
      },
    })
    const { submitJob } = await ada.request<{ submitJob: { issues: { path: string[] }[] } }>(submit, { input: plain })
    expect(submitJob.issues.map(({ path }) => path[0])).toEqual(['shape'])
  })

  it('says where in the input it is wrong', async () => {
    const wrong = { ...plain, shape: { circle: { radius: -1 } }, more: [{ polygon: { points: points.slice(1) } }] }
    const { drawShape } = await ada.request<Drawn>(draw, { input: wrong })
    expect([drawShape.__typename, drawShape.issues.map(({ path }) => path.join('.'))]).toEqual([
      'InvalidInputError',
      ['shape.circle.radius', 'more.0.polygon.points'],
    ])
  })

  it('tells the newest partial results to who comes late', async () => {
    const { drawShape } = await ada.request<Drawn>(draw, { input: { ...plain, shape: { circle: { radius: 2 } } } })
    const late = `query ($id: ID!, $last: Int) { job(id: $id) { ... on DrawShapeJob { partials(last: $last) { news {
      ... on DrawShapePartialValueNewsBegun { kind at } ... on DrawShapePartialValueNewsDrawn { kind picture { fileName } }
    } } } } }`
    const { id } = drawShape.job
    const drawn = { news: { kind: 'drawn', picture: { fileName: 'a.txt' } } }
    const begun = { news: { kind: 'begun', at: '2026-11-22T17:30:00.251Z' } }
    expect(await ada.request(late, { id })).toEqual({ job: { partials: [begun, drawn] } })
    expect(await ada.request(late, { id, last: null })).toEqual({ job: { partials: [begun, drawn] } })
    expect(await ada.request(late, { id, last: 1 })).toEqual({ job: { partials: [drawn] } })
    for (const last of [0, 101]) {
      await expect(ada.request(late, { id, last })).rejects.toThrow('Must be a whole number from 1 to 100.')
    }
  })

  const badRequest = 'BAD_REQUEST: Variable "$input" got invalid value'
  const oneOf = 'exactly one field must be specified, and the value for that field must be non-null.'
  const dateTime =
    'A DateTime is a string such as "2026-11-22T17:30:00.000Z": a day, a time and Z or an offset (RFC 3339).'
  const day = 'A Date is a string such as "2026-11-22": a day that there is (RFC 3339).'

  it.each([
    ['two members', { shape: { noFill: 'YES', circle: { radius: 1 } } }, badRequest, oneOf],
    ['no member', { shape: {} }, badRequest, oneOf],
    ['a member that is null', { shape: { noFill: null } }, badRequest, oneOf],
    ['a member that there is not', { shape: { square: { side: 1 } } }, badRequest, 'unknown field "square"'],
    ['a moment without an offset', { at: '2026-11-22T18:30:00' }, 'INVALID_INPUT', dateTime],
    ['a moment of a day that there is not', { at: '2026-02-30T00:00:00Z' }, 'INVALID_INPUT', dateTime],
    ['a moment as a number', { at: 1_700_000_000_000 }, 'INVALID_INPUT', dateTime],
    ['a day that there is not', { day: '2026-02-30' }, 'INVALID_INPUT', day],
    ['a moment for a day', { day: '2026-11-22T00:00:00Z' }, 'INVALID_INPUT', day],
  ])('is refused before it runs for %s', async (_what, part, start, sentence) => {
    const message = await ada.request(draw, { input: { ...plain, ...part } }).then(
      () => 'No error.',
      (error: Error) => error.message,
    )
    expect(message).toContain(start)
    expect(message).toContain(sentence)
  })

  it('is watched with typed partial results', async () => {
    const { drawShape } = await ada.request<Drawn>(draw, { input: plain })
    const query = `subscription ($id: ID!) { job(id: $id) { ... on DrawShapePartial { value { news {
      ... on DrawShapePartialValueNewsBegun { kind at }
      ... on DrawShapePartialValueNewsDrawn { kind picture { fileName } }
    } } } } }`
    const frames = await Array.fromAsync(
      subscribe({
        url: `${app.url}/graphql`,
        operation: { query, variables: { id: drawShape.job.id } },
        transport: 'sse',
        headers: ada.headers,
        after: 'earliest',
      }),
    )
    // Events of other kinds have nothing that was asked for.
    const values = frames.flatMap(({ data }) => Object.values(Object(data?.['job'])))
    expect(values).toEqual([
      { news: { kind: 'begun', at: '2026-11-22T17:30:00.251Z' } },
      { news: { kind: 'drawn', picture: { fileName: 'a.txt' } } },
    ])
  })
})
