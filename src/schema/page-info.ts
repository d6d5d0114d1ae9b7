import type { PageInfo } from '../core/page.ts'
import type { Builder } from './builder.ts'

/** Adds the type `PageInfo`, which every list that comes in pages has. */
export function addPageInfo(builder: Builder) {
  return builder.objectRef<PageInfo>('PageInfo').implement({
    description: 'Where a page of a list stands.',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether the list goes on after this page.' }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description: 'What to give as `after` for the next page; null where this one is empty.',
      }),
    }),
  })
}

export type PageInfoRef = ReturnType<typeof addPageInfo>
