import type { ASTVisitor, FragmentDefinitionNode, SelectionSetNode, ValidationContext } from 'graphql'
import { Kind } from 'graphql'
import { refused } from './refused.ts'

/** The mutations that check a credential: each is a guess, and some cost a hash. */
export const credentialFields: ReadonlySet<string> = new Set([
  'signIn',
  'signUp',
  'refreshTokens',
  'changePassword',
  'finishPasskeySignIn',
  'finishPasskeyRegistration',
  'exchangeOAuthCode',
  'finishIdentityLink',
  'completeMfa',
  'completeStepUp',
  'confirmTotp',
  'verifyEmail',
  'resetPassword',
  'confirmEmailChange',
  'undoEmailChange',
])

/** Whether the text of a document may hold a password, code or token where a variable should stand. */
export function mayHoldCredential(text: string): boolean {
  return [...credentialFields].some((field) => text.includes(field))
}

/**
 * Validation rule: an operation holds at most one credential-checking field, however it is named, wrapped or spread
 * (OWASP GraphQL Cheat Sheet, "Batching Attacks"). Where it holds more, none is tried.
 */
export function oneCredentialField(context: ValidationContext): ASTVisitor {
  const counts = new Map<FragmentDefinitionNode, number>()

  /** How many there are at the root. Stops counting at 2, so that fragments within fragments cannot make it long. */
  function count({ selections }: SelectionSetNode): number {
    let found = 0
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) found += credentialFields.has(selection.name.value) ? 1 : 0
      else if (selection.kind === Kind.INLINE_FRAGMENT) found += count(selection.selectionSet)
      else found += countFragment(context.getFragment(selection.name.value))
      if (found > 1) break
    }
    return found
  }

  function countFragment(fragment: FragmentDefinitionNode | null | undefined): number {
    if (!fragment) return 0
    const known = counts.get(fragment)
    if (known !== undefined) return known
    // A fragment that spreads itself is another rule's to refuse; here it must only come to an end.
    counts.set(fragment, 0)
    const found = count(fragment.selectionSet)
    counts.set(fragment, found)
    return found
  }

  return {
    OperationDefinition(operation) {
      if (count(operation.selectionSet) <= 1) return
      const message = 'An operation may hold one field that checks a credential, and only once; nothing was tried.'
      context.reportError(refused('TOO_MANY_CREDENTIAL_FIELDS', message, [operation]))
    },
  }
}
