import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { type WorkClass, workClasses } from '../../../src/core/shedding.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { createWorkClasses, neverShed } from '../../../src/server/gate/shedding-classes.ts'
import { createDoorShedding } from '../../../src/server/gate/shedding-door.ts'
import { createAdmission } from '../../../src/services/operations/shedding/admission.ts'
import { describeTask } from '../schema/describe-task.ts'

const { schema } = createSchema([describeTask({ name: 'countWords' })])
const classes = createWorkClasses(schema)
const cancel = 'mutation { cancelJob(id: "x") { id } }'
const submit = 'mutation { submitJob(task: "a", input: {}) { __typename } }'

const cases: readonly (readonly [WorkClass | null, string])[] = [
  ['read', '{ me { id } }'],
  ['read', 'query Jobs { jobs { nodes { id } } }'],
  ['read', '{ __typename }'],
  ['read', '{ systemStatus { __typename } me { id } }'],
  ['change', 'mutation { signIn { __typename } }'],
  ['change', 'mutation { __typename }'],
  ['change', 'mutation { cancelJob(id: "x") { id } renamePasskey(id: "x") { __typename } }'],
  ['change', 'subscription { jobs { at } }'],
  ['change', 'subscription Watch { jobs { at } }'],
  ['work', submit],
  ['work', 'mutation Go($i: JSON!) { a: submitJob(task: "a", input: $i) { __typename } }'],
  ['work', 'mutation { retryJob(id: "x") { __typename } }'],
  ['work', 'mutation { countWords(input: { text: "a" }) { __typename } }'],
  ['work', 'mutation ($f: Upload!) { uploadArtifact(file: $f) { id } }'],
  [
    'work',
    'mutation { cancelJob(id: "x") { id } ...F } fragment F on Mutation { ... { retryJob(id: "x") { __typename } } }',
  ],
  ['work', 'mutation { cancelJob(id: "x") { id } retryJob(id: "x") @skip(if: true) { __typename } }'],
  [null, cancel],
  [null, 'mutation { __typename a: cancelJob(id: "x") { id } signOut }'],
  [null, 'mutation { signOutEverywhere }'],
  [null, 'mutation { revokeSession(id: "x") }'],
  [null, 'mutation { setMaintenance(on: true) { __typename } }'],
  [null, '{ clusterStatus { __typename } }'],
]

describe('the class of an operation', () => {
  it.each(cases)('is %s of %s', (expected, source) => {
    expect(classes.of(parse(source), null)).toBe(expected)
  })

  it('is that of the operation which is sent', () => {
    const document = parse(
      `query A { me { id } } mutation B { retryJob(id: "x") { __typename } } ${cancel.replace(' ', ' C ')}`,
    )
    for (let again = 0; again < 2; again += 1) {
      expect(classes.of(document, 'A')).toBe('read')
      expect(classes.of(document, 'B')).toBe('work')
      expect(classes.of(document, 'C')).toBeNull()
    }
    // What is no operation costs next to nothing, and is refused by somebody else.
    for (let i = 0; i < 1_000; i += 1) expect(classes.of(document, `made up ${i}`)).toBe('read')
    expect(classes.of(document, 'B')).toBe('work')
  })

  it('leaves out what there is', () => {
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {})
    const queries = Object.keys(schema.getQueryType()?.getFields() ?? {})
    expect([...neverShed.mutation].filter((name) => !mutations.includes(name))).toEqual([])
    expect([...neverShed.query].filter((name) => !queries.includes(name))).toEqual([])
  })
})

describe('the class of an operation by its text', () => {
  const textOf = (query: string, more: object = {}) => JSON.stringify({ ...more, query })

  // A part of a document that begins with something else is for the gate to decide.
  it.each(cases.filter(([, source]) => !source.includes('systemStatus')))(
    'is %s of %s, or left to the gate',
    (expected, source) => {
      const guessed = classes.guess(textOf(source, { variables: { a: 'b' } }))
      expect(source.includes('cancelJob') ? null : expected).toBe(guessed)
    },
  )

  it('is no harsher than that of the operation for what clients send', () => {
    for (const [expected, source] of cases) {
      for (const text of [
        textOf(source),
        textOf(`\n  ${source}`),
        textOf(`# why\n${source}`),
        textOf(source, { operationName: null }),
      ]) {
        const guessed = classes.guess(text)
        if (guessed === null) continue
        expect(expected).not.toBeNull()
        expect(workClasses.indexOf(guessed)).toBeGreaterThanOrEqual(
          expected === null ? 0 : workClasses.indexOf(expected),
        )
      }
    }
  })

  it('is not what stands in a variable', () => {
    const variables = { a: 'mutation { submitJob(', b: '"query":"mutation {', c: { d: 'subscription {' } }
    expect(classes.guess(JSON.stringify({ query: '{ me { id } }', variables }))).toBe('read')
    expect(classes.guess(JSON.stringify({ variables, query: '{ me { id } }' }))).toBe('read')
  })
})

describe('a door under load', () => {
  const at = (value: number, die = 0.5) => {
    const pressure = { value, reason: 'loop delay', over: [] } as const
    const admission = createAdmission({ isOn: true, pressure, random: () => die })
    return createDoorShedding(admission, () => classes)
  }
  const body = (query: string) => Buffer.from(JSON.stringify({ query }))

  it('looks at bodies only when anything is refused', () => {
    expect([at(0).isUp, at(0.01).isUp, at(1).isUp]).toEqual([false, true, true])
  })

  it('refuses by the class, and says as what it has taken the rest', () => {
    const door = at(0.8)
    expect(door.judge(body(submit))).toEqual({ isRefused: true })
    expect(door.judge(body('mutation { signIn { __typename } }'))).toEqual({ isRefused: true })
    expect(door.judge(body('{ me { id } }'))).toEqual({ isRefused: false, as: 'read' })
    expect(at(0.9).judge(body('{ me { id } }'))).toEqual({ isRefused: true })
    expect(at(1).judge(body(cancel))).toEqual({ isRefused: false, as: null })
  })

  it('takes any bytes', () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(300_000, 0xff),
      Buffer.from('{"query":'),
      Buffer.from([0, 1, 2]),
    ])
      expect(at(1).judge(bytes)).toEqual({ isRefused: true })
    // An operation that is never refused is not so long.
    expect(at(1).judge(Buffer.from(`${' '.repeat(70_000)}${cancel}`))).toEqual({ isRefused: true })
  })
})
