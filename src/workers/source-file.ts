/**
 * The URL of a file of ours, named without its extension relative to `base` (an `import.meta.url`): the `.ts` source when
 * running from source, the `.js` of the build otherwise.
 */
export function sourceFile(path: string, base: string): URL {
  return new URL(`${path}${base.endsWith('.ts') ? '.ts' : '.js'}`, base)
}
