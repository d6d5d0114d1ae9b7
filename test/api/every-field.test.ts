import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  isInterfaceType,
  Kind,
  parse,
  validate,
  valueFromASTUntyped,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { anonymous, type Principal, type Scope, scopes } from '../../src/core/principal.ts'
import { printPublicSchema } from '../../src/schema/print-schema.ts'
import { createSchema } from '../../src/schema/index.ts'
import { assertSchemaGuarded, publicRootFields } from '../../src/server/gate/assert-schema-guarded.ts'
import { describeTask } from '../support/fake-pool.ts'
import { somebody as signedIn } from '../support/principals.ts'
import { createRunGuarded, refusalsOf, somebody } from '../unit/gate/run-guarded.ts'
import { variableValues, walkSchema } from './walk-schema.ts'
import { refusalFor, whoMay } from './who-may.ts'

const { schema } = createSchema([describeTask('double')])

/** What the printed schema says, which is what people read. */
const printed = parse(printPublicSchema(schema))

interface Rule {
  readonly isPublic: boolean
  readonly requirements: readonly (readonly (readonly string[])[])[]
}

const rules = new Map<string, Rule>()
for (const type of printed.definitions) {
  if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
  for (const field of type.fields ?? [])
    rules.set(`${type.name.value}.${field.name.value}`, ruleOf(type.directives ?? [], field))
}

function ruleOf(ofType: readonly ConstDirectiveNode[], field: FieldDefinitionNode): Rule {
  const directives = [...ofType, ...(field.directives ?? [])]
  return {
    isPublic: directives.some(({ name }) => name.value === 'skipAuth'),
    requirements: directives
      .filter(({ name }) => name.value === 'requiresScopes')
      .map(({ arguments: given }) => {
        const [value] = given ?? []
        return value === undefined ? [] : (valueFromASTUntyped(value.value) as string[][]) // the directive's own type
      }),
  }
}

/** What a field asks for; on an interface, also what it asks for on each type behind it. */
function rulesOf(name: string): readonly Rule[] {
  const [typeName = '', fieldName = ''] = name.split('.')
  const type = schema.getType(typeName)
  const behind = isInterfaceType(type)
    ? schema.getPossibleTypes(type).map((object) => `${object.name}.${fieldName}`)
    : []
  return [name, ...behind].map((one) => rules.get(one)).filter((rule) => rule !== undefined)
}

/** The codes that the way to a field is refused with. The list says who may set out on it, the printed schema the rest. */
function expected(path: readonly string[], principal: Principal): ReadonlySet<string> {
  const [root = ''] = path
  const steps = path.slice(1).flatMap(rulesOf)
  const refusal = refusalFor(root, principal)
  if (refusal !== null) return new Set([refusal])
  if (principal.kind === 'anonymous') {
    const isOpen = steps.every((rule) => rule.isPublic && rule.requirements.length === 0)
    return new Set(isOpen ? [] : [principal.refused ?? 'UNAUTHENTICATED'])
  }
  const has = (scope: string) => principal.scopes.some((own) => own === scope)
  const isMet = steps.every((rule) => rule.requirements.every((lists) => lists.some((list) => list.every(has))))
  return new Set(isMet ? [] : [principal.mustEnrol ? 'MFA_ENROLMENT_REQUIRED' : 'INSUFFICIENT_SCOPE'])
}

/** A credential of a program. */
const apiKey = (...own: readonly Scope[]) => signedIn({ kind: 'apiKey', scopes: own, sessionId: null, keyId: 'key' })

const userScopes = scopes.filter((scope) => scope !== 'admin')

const principals: Readonly<Record<string, Principal>> = {
  'somebody who is not signed in': anonymous,
  'somebody whose session has ended': { kind: 'anonymous', refused: 'SESSION_REVOKED' },
  'a user who has shown one factor': somebody(...userScopes),
  'a user who has shown two': signedIn({ scopes: userScopes, assurance: 2 }),
  'a user who must set up a second factor first': signedIn({ scopes: ['account:read'], mustEnrol: true }),
  'an administrator who must set up a second factor first': signedIn({
    scopes: ['account:read'],
    roles: ['user', 'admin'],
    mustEnrol: true,
  }),
  'an administrator': signedIn({ scopes, roles: ['user', 'admin'], assurance: 2 }),
  'an API key without any scope': apiKey(),
  ...Object.fromEntries(scopes.map((scope) => [`an API key with ${scope} only`, apiKey(scope)])),
  'an API key with all scopes': apiKey(...scopes),
}

const fields = walkSchema(schema)

describe('every field of the schema', () => {
  it('is reached by the walk below, in operations that are valid', () => {
    expect(() => assertSchemaGuarded(schema)).not.toThrow()
    const reached = new Set(fields.map(({ path }) => path.at(-1)))
    expect([...rules.keys()].filter((name) => !reached.has(name))).toEqual([])
    expect(fields.flatMap(({ source }) => validate(schema, parse(source)).map(({ message }) => message))).toEqual([])
  })

  it('has been decided about, if it is one of the root types', () => {
    const roots = fields.flatMap(({ path }) => (path.length === 1 ? path : []))
    expect(Object.keys(whoMay).toSorted()).toEqual(roots.toSorted())
  })

  it('is closed to who is not signed in, but for the ways in and out and what they answer', () => {
    const open = fields.filter(({ path }) => expected(path, anonymous).size === 0)
    expect(new Set(open.map(({ path }) => path[0]))).toEqual(new Set(publicRootFields))
  })

  it.each(Object.entries(principals))(
    'is answered by the gate as was decided and as the printed schema says, for %s',
    async (_who, principal) => {
      // What is let through is not run: this is about the gate alone.
      const run = createRunGuarded(schema, { execute: () => ({ data: {} }), subscribe: () => ({ data: {} }) })
      for (const { path, source } of fields) {
        const codes = refusalsOf(await run({ source, variableValues }, principal))
        expect([path.join(' '), new Set(codes)]).toEqual([path.join(' '), expected(path, principal)])
      }
    },
  )
})
