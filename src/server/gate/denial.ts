import type { FieldNode, GraphQLError } from 'graphql'
import type { AccessDenial } from './access-rule.ts'
import { refused } from './refused.ts'

const sentences = {
  UNAUTHENTICATED: (field: string) => `Sign in first: ${field} is not open to everybody.`,
  SESSION_REVOKED: (field: string) => `The session has ended: sign in again to select ${field}.`,
  FORBIDDEN: (field: string) => `No API key can select ${field}: sign in as a user.`,
  INSUFFICIENT_SCOPE: (field: string) => `The credential lacks a scope that ${field} asks for.`,
  MFA_ENROLMENT_REQUIRED: (field: string) =>
    `Set up a second factor first, by enrollTotp or startPasskeyRegistration: until then ${field} is not for you.`,
} as const satisfies Record<AccessDenial, (field: string) => string>

/** The error for a field that the principal may not select. */
export function denialError(denial: AccessDenial, typeName: string, node: FieldNode): GraphQLError {
  return refused(denial, sentences[denial](`${typeName}.${node.name.value}`), [node])
}

/** Whether the error is one of those. A resolver's refusal may have the same code, but says at which field it came up. */
export function isDenial({ path, extensions }: GraphQLError): boolean {
  return path === undefined && typeof extensions['code'] === 'string' && Object.hasOwn(sentences, extensions['code'])
}
