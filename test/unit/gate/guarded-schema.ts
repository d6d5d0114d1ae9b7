import type { GraphQLSchema } from 'graphql'
import { createBuilder } from '../../../src/schema/builder.ts'
import { requiresOneOf } from '../../../src/schema/access.ts'

const skipAuth = { skipAuth: {} }

/** A schema with every way of guarding a field, and of going around it. `ran` hears of every resolver at the root. */
export function createGuardedSchema(ran: string[] = []): GraphQLSchema {
  const builder = createBuilder()
  const run =
    <T>(name: string, value: T) =>
    () => {
      ran.push(name)
      return value
    }
  builder.queryType({})
  builder.mutationType({})
  builder.subscriptionType({})

  const named = builder.interfaceRef<{ name: string }>('Named').implement({
    resolveType: () => 'Vault',
    fields: (t) => ({ name: t.exposeString('name') }),
  })
  const open = builder.interfaceRef<{ name: string }>('Open').implement({
    directives: skipAuth,
    resolveType: () => 'Vault',
    fields: (t) => ({ name: t.exposeString('name') }),
  })
  const vault = builder.objectRef<{ name: string }>('Vault').implement({
    interfaces: [named, open],
    fields: (t) => ({
      name: t.exposeString('name', { directives: requiresOneOf('admin') }),
      size: t.int({ directives: skipAuth, resolve: () => 3 }),
    }),
  })
  const ledger = builder.objectRef<object>('Books').implement({
    directives: requiresOneOf('jobs:read'),
    fields: (t) => ({
      pages: t.int({ resolve: () => 7 }),
      seal: t.string({ directives: requiresOneOf('jobs:write'), resolve: () => 'wax' }),
    }),
  })
  const welcome = builder.objectRef<object>('Welcome').implement({
    directives: skipAuth,
    fields: (t) => ({
      text: t.string({ resolve: () => 'hello' }),
      vault: t.field({ type: vault, resolve: () => ({ name: 'gold' }) }),
    }),
  })
  const either = builder.unionType('Either', { types: [welcome, vault], resolveType: () => 'Welcome' })

  builder.queryFields((t) => ({
    hello: t.field({ type: welcome, directives: skipAuth, resolve: run('hello', {}) }),
    either: t.field({ type: either, directives: skipAuth, resolve: run('either', {}) }),
    secret: t.string({ resolve: run('secret', 'x') }),
    vault: t.field({ type: vault, resolve: run('vault', { name: 'gold' }) }),
    named: t.field({ type: named, directives: skipAuth, resolve: run('named', { name: 'gold' }) }),
    open: t.field({ type: open, directives: skipAuth, resolve: run('open', { name: 'gold' }) }),
    books: t.field({ type: ledger, resolve: run('books', {}) }),
    both: t.string({
      directives: { requiresScopes: { scopes: [['jobs:read', 'jobs:write'], ['admin']] } },
      resolve: run('both', 'x'),
    }),
  }))
  builder.mutationFields((t) => ({
    enter: t.string({ directives: skipAuth, resolve: run('enter', 'x') }),
    change: t.string({ resolve: run('change', 'x') }),
  }))
  builder.subscriptionFields((t) => ({
    ticks: t.int({
      subscribe: async function* subscribe() {
        ran.push('ticks')
        yield 1
      },
      resolve: () => 1,
    }),
  }))
  return builder.toSchema()
}
