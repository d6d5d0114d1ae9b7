import type { DocumentNode } from 'graphql'

export interface DocumentCacheOptions {
  /** Texts that are longer are not kept: who sends one may pay for parsing it. */
  readonly maxTextLength: number
  /** How many characters of text are kept in all; a parsed document takes some 30 times as many bytes. */
  readonly maxCharacters: number
  /** Texts that must not be kept, as they hold a secret. */
  readonly isSecret: (text: string) => boolean
}

/** Parsed documents by their text: the ones used last. */
export interface DocumentCache {
  get(text: string): DocumentNode | undefined
  set(text: string, document: DocumentNode): void
}

/** A cache that no caller can fill with more than it is meant to hold, however many documents they make up. */
export function createDocumentCache(options: DocumentCacheOptions): DocumentCache {
  const { maxTextLength, maxCharacters, isSecret } = options
  // A Map keeps the order in which keys were set: the first is the one used longest ago.
  const documents = new Map<string, DocumentNode>()
  let characters = 0

  function remove(text: string): void {
    if (documents.delete(text)) characters -= text.length
  }

  return {
    get(text) {
      const document = documents.get(text)
      if (document === undefined) return undefined
      documents.delete(text)
      documents.set(text, document)
      return document
    },
    set(text, document) {
      if (text.length > maxTextLength || isSecret(text)) return
      remove(text)
      documents.set(text, document)
      characters += text.length
      for (const oldest of documents.keys()) {
        if (characters <= maxCharacters) return
        remove(oldest)
      }
    },
  }
}
