import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Database } from './schema.ts'

/** Stands for a value while the query is built. */
class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A query that is built and compiled once for each set of names in `values` and each `form`, and then costs no more than its
 * execution. For those of which every job takes several: building and compiling one took as long as SQLite needs for it.
 * `build` is given stand-ins for the values: it puts them where they belong and must not look at them. What the text of the
 * query depends on is its `form`. A value that is `undefined` is left out.
 */
export function prepared<Values extends object, Row, Form = undefined>(
  build: (db: Kysely<Database>, values: Values, form: Form) => Compilable<Row>,
): (db: Kysely<Database>, values: Values, ...form: Form extends undefined ? [] : [Form]) => Promise<readonly Row[]> {
  const forms = new WeakMap<object, Map<string, CompiledQuery<Row>>>()

  function compile(db: Kysely<Database>, names: readonly string[], form: Form): CompiledQuery<Row> {
    const standIns = Object.fromEntries(names.map((name) => [name, new Placeholder(name)]))
    // `build` only hands them on.
    return build(db, standIns as unknown as Values, form).compile()
  }

  return async (db, values, ...[form]) => {
    // Every transaction is a Kysely of its own; all of them share the adapter.
    const { adapter } = db.getExecutor()
    const known = forms.get(adapter) ?? new Map<string, CompiledQuery<Row>>()
    if (known.size === 0) forms.set(adapter, known)
    const given = values as Readonly<Record<string, unknown>> // any object is one
    const names = Object.keys(given).filter((name) => given[name] !== undefined)
    const key = form === undefined ? names.join() : `${names.join()} ${JSON.stringify(form)}`
    const query = known.get(key) ?? compile(db, names, form as Form) // given where there is one
    known.set(key, query)
    const parameters = query.parameters.map((value) => (value instanceof Placeholder ? given[value.name] : value))
    return (await db.executeQuery<Row>({ ...query, parameters })).rows
  }
}
