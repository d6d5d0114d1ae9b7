import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'

/** The names of the fields at the root, those in fragments among them, whether a directive leaves one out or not. */
export function rootFields(document: DocumentNode, root: SelectionSetNode): readonly string[] {
  const names = new Set<string>()
  const spread = new Set<FragmentDefinitionNode>()
  const open = [root]
  for (const { selections } of open) {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value)
      else if (selection.kind === Kind.INLINE_FRAGMENT) open.push(selection.selectionSet)
      else {
        const fragment = document.definitions.find(
          (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
        )
        if (fragment?.kind !== Kind.FRAGMENT_DEFINITION || spread.has(fragment)) continue
        spread.add(fragment)
        open.push(fragment.selectionSet)
      }
    }
  }
  return [...names]
}
