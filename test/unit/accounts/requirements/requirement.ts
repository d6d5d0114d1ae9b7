/** A rule that accounts keep, where it comes from, and the tests that show it; or why it is not kept. */
export type Requirement = {
  readonly rule: string
  readonly source: string
} & (
  | {
      /** The test file, from `test/` on, and the titles in it. */
      readonly shownBy: Readonly<Record<string, readonly string[]>>
    }
  | { readonly decidedAgainst: string }
)

/** Rules by their numbers. A number is never given to another rule. */
export type Requirements = Readonly<Record<number, Requirement>>
