/** A list as it came over the line; an empty one for what is no list. */
export function rowOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
