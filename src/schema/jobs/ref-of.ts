/** The builder's reference for a planned type. A plan lists every type that it uses, so a lack of one is our own mistake. */
export function refOf<Plan extends { readonly name: string }, Ref>(refs: ReadonlyMap<Plan, Ref>, plan: Plan): Ref {
  const ref = refs.get(plan)
  if (ref === undefined) throw new TypeError(`The plan uses the type ${plan.name} without listing it.`)
  return ref
}
