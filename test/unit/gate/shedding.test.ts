import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { WorkClass } from '../../../src/core/shedding.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { createAllowance, createAllowances } from '../../../src/server/gate/shedding-allowance.ts'
import { createWorkClasses, sparedMutations } from '../../../src/server/gate/shedding-classes.ts'
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
  ['read', 'mutation { signIn { __typename } }'],
  ['read', 'mutation { __typename startStepUp { __typename } completeStepUp { __typename } }'],
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
  ['change', 'mutation { a: signOut b: signOut }'],
  ['change', 'mutation { a: cancelJob(id: "x") { id } signOut }'],
  ['change', 'mutation { ...F } fragment F on Mutation { signOut }'],
  ['change', 'mutation { setMaintenance(on: true) { __typename } }'],
  ['read', '{ clusterStatus { __typename } }'],
  [null, cancel],
  [null, 'mutation { __typename a: cancelJob(id: "x") { id } }'],
  [null, 'mutation { signOut }'],
  [null, 'mutation { signOutEverywhere }'],
  [null, 'mutation { revokeSession(id: "x") }'],
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
    // A way in beside something else is no better than that.
    expect(classes.of(parse('mutation { signIn { __typename } signOut }'), null)).toBe('change')
    // What is no operation costs next to nothing, and is refused by somebody else.
    for (let i = 0; i < 1_000; i += 1) expect(classes.of(document, `made up ${i}`)).toBe('read')
    expect(classes.of(document, 'B')).toBe('work')
  })

  it('leaves out what there is', () => {
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {})
    expect([...sparedMutations].filter((name) => !mutations.includes(name))).toEqual([])
  })
})

describe('the class of an operation by its text', () => {
  const textOf = (query: string, more: object = {}) => JSON.stringify({ ...more, query })

  it.each(cases)('is %s of %s, or change', (expected, source) => {
    expect(classes.guess(textOf(source, { variables: { a: 'b' } }))).toBe(expected ?? 'change')
  })

  it.each([
    ['a newline', '\n  '],
    ['a tab', '\t'],
    ['other newlines', '\r\n'],
    ['a comma', ', '],
    ['a comment', '# why "this" \\ and é\n'],
    ['comments', '#\n\n# mutation\r#\n'],
    ['a byte order mark', '\ufeff'],
    ['a fragment', 'fragment U on User { id }\n\n'],
  ])('is the same behind %s', (_, before) => {
    const guessed = (source: string) =>
      classes.guess(Buffer.from(textOf(before + source, { operationName: null })).toString('latin1'))
    expect(guessed(submit)).toBe('work')
    expect(guessed('mutation Go { signIn { __typename } }')).toBe('read')
    expect(guessed('subscription { jobs { at } }')).toBe('change')
    expect(guessed('subscription Watch { jobs { at } }')).toBe('change')
    expect(guessed('{ mutation: me { id } }')).toBe('read')
    expect(guessed('query Q { me { id } }')).toBe('read')
  })

  it.each(['#', '\\n', ',', '#\\n', '#\\"', '"query":"#', '"query":"', '\\"query":"#', '}', '}#', '} ', 'signOut '])(
    'is made in linear time for many a %s',
    (part) => {
      // With its square it would take minutes.
      const text = part.repeat(2 ** 19 / part.length)
      for (const start of ['{"query":"', '{"query":"fragment ', '']) {
        expect(classes.guess(start + text)).toBe('read')
        expect(classes.maySpare(start + text)).toBe(part === 'signOut ')
      }
    },
  )

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
    return Object.assign(
      createDoorShedding(admission, () => classes),
      { admission },
    )
  }
  const body = (query: string) => Buffer.from(JSON.stringify({ query }))
  const isLeft = { isRefused: false, as: null }

  it('looks at bodies only when anything is refused', () => {
    expect([at(0).isUp, at(0.01).isUp, at(1).isUp]).toEqual([false, true, true])
  })

  it('refuses by the class, and says as what it has taken the rest', () => {
    const door = at(0.8)
    expect(door.judge(body(submit), true)).toEqual({ isRefused: true })
    expect(door.judge(body('mutation { renamePasskey { __typename } }'), true)).toEqual({ isRefused: true })
    expect(door.judge(body('{ me { id } }'), true)).toEqual({ isRefused: false, as: 'read' })
    expect(at(0.9).judge(body('{ me { id } }'), true)).toEqual({ isRefused: true })
  })

  it.each([
    cancel,
    'mutation { signOut }',
    '{ systemStatus { __typename } }',
    'subscription { alerts { at } }',
    'mutation { disableUser(id: "x") { __typename } }',
    'mutation { startStepUp { __typename } }',
  ])('leaves %s to the gate for whoever may have a credential', (query) => {
    expect(at(1).judge(body(query), true)).toEqual(isLeft)
    expect(at(1).judge(body(query), false)).toEqual({ isRefused: true })
  })

  it('leaves no more to the gate than it can look at, and counts that as nothing else', () => {
    const door = at(1)
    const claims = ['{ me { id } } # alerts', cancel]
    const verdicts = Array.from({ length: 2_000 }, (_, i) => door.judge(body(claims[i % 2] ?? ''), true))
    const left = verdicts.filter(({ isRefused }) => !isRefused).length
    expect(verdicts.slice(0, 50).every(({ isRefused }) => !isRefused)).toBe(true)
    // Some come back while this runs.
    expect(left).toBeLessThan(200)
    const { refused } = door.admission.status()
    expect(refused.read + refused.change).toBe(2_000 - left)
  })

  it('does not use up what it leaves to the gate while nothing of the class is refused', () => {
    const door = at(0.3)
    for (let i = 0; i < 1_000; i += 1)
      expect(door.judge(body(cancel), true)).toEqual({ isRefused: false, as: 'change' })
  })

  it('takes any bytes', () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(300_000, 0xff),
      Buffer.from('{"query":'),
      Buffer.from([0, 1, 2]),
    ])
      expect(at(1).judge(bytes, true)).toEqual({ isRefused: true })
    // What is spared is not so long.
    expect(at(1).judge(Buffer.from(`${' '.repeat(70_000)}${cancel}`), true)).toEqual({ isRefused: true })
  })
})

describe('an allowance', () => {
  const rate = { burst: 2, perSecond: 10 }

  it('is some at once, and some more with time, but never more than at first', () => {
    let ms = 0
    const take = createAllowance(rate, () => ms)
    expect([take(), take(), take()]).toEqual([true, true, false])
    ms += 100
    expect([take(), take()]).toEqual([true, false])
    ms += 60_000
    expect([take(), take(), take()]).toEqual([true, true, false])
  })

  it('is one of each key, of the keys that asked last', () => {
    const take = createAllowances({ burst: 1, perSecond: 0 }, 2, () => 0)
    expect([take('a'), take('a'), take('b'), take('a')]).toEqual([true, false, true, false])
    // For this one `b` is forgotten, which asked longest ago.
    expect([take('c'), take('a'), take('b')]).toEqual([true, false, true])
  })
})
