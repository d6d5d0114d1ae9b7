import { type DirectiveNode, type GraphQLSchema, parse, print, visit } from 'graphql'
import type { z } from 'zod'
import type { TaskDescription } from '../../../src/ports/compute-pool.ts'
import { createSchema } from '../../../src/schema/index.ts'
import { printPublicSchema } from '../../../src/schema/print-schema.ts'
import { describeTask } from './describe-task.ts'

/** The SDL of the named types, as it is printed. */
export function sdlOf(schema: GraphQLSchema, isWanted: (name: string) => boolean): string {
  const document = parse(printPublicSchema(schema))
  const definitions = document.definitions.filter((node) => 'name' in node && isWanted(node.name?.value ?? ''))
  return print({ ...document, definitions })
}

/** The SDL of the types that a task alone adds, without descriptions and directives. */
export function bareSdlOf(task: TaskDescription, isWanted: (name: string) => boolean): string {
  const document = parse(sdlOf(createSchema([task]).schema, isWanted))
  const leaveOut = { leave: (node: DirectiveNode) => (node.name.value === 'oneOf' ? undefined : null) }
  return print(
    visit(document, {
      enter: (node) => ('description' in node ? { ...node, description: undefined } : undefined),
      Directive: leaveOut,
    }),
  )
}

/** A text between backticks without its common indentation. */
export function text(strings: TemplateStringsArray): string {
  const lines = (strings[0] ?? '').replace(/^\n/, '').trimEnd().split('\n')
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)))
  return lines.map((line) => line.slice(margin)).join('\n')
}

/** The SDL of the types that an input of the task `cook` becomes, without descriptions and directives. */
export function inputSdlOf(input: z.ZodType): string {
  const others = /^Cook(Job|Accepted|Submission|Result.*)$/
  return bareSdlOf(describeTask({ name: 'cook', input }), (name) => name.startsWith('Cook') && !others.test(name))
}

/** The SDL of the types that a result of the task `cook` becomes, without descriptions and directives. */
export function resultSdlOf(output: z.ZodType): string {
  return bareSdlOf(describeTask({ name: 'cook', output }), (name) => name.startsWith('CookResult'))
}

/** The type of an argument of a mutation, in GraphQL's notation. */
export function argumentTypeOf(schema: GraphQLSchema, mutation: string, argument: string): string {
  const fields = schema.getMutationType()?.getFields() ?? {}
  return String(fields[mutation]?.args.find(({ name }) => name === argument)?.type)
}
