/** A list that is stored as JSON text. Throws when it is none, or holds anything but texts: less of it could mean more. */
export function textList(json: string): readonly string[] {
  const values: unknown = JSON.parse(json)
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
    throw new TypeError('The database holds a list that is no list of texts.')
  }
  return values
}

/** The names of a stored list, in its order; those that this release does not know give nothing. */
export function nameList<T extends string>(json: string, known: readonly T[]): readonly T[] {
  return textList(json).flatMap((name) => known.filter((one) => one === name))
}
