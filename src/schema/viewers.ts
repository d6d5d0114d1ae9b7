/** What stands as `viewers` in the extensions of a field that is the same for all who may ask for it. */
export const allWhoMay = 'all-who-may'

/**
 * For a field whose result cannot depend on who looks: all who may listen then share one execution and one text of each event.
 * Whoever marks a field promises that its resolver reads nothing of the context, which is that of any one of them. A field
 * without the mark counts as different for each viewer, and so does every operation that selects it.
 * A subscription field's mark is about what it answers for each event; who may subscribe is still asked of everybody.
 */
export const forAllWhoMay = { extensions: { viewers: allWhoMay } } as const
