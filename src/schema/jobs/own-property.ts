/** Only what the JSON itself has: not `constructor` and its like, which every object inherits. `null` where there is nothing. */
export function ownProperty(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return null
  return Object.getOwnPropertyDescriptor(value, name)?.value ?? null
}
