/** A text of several lines; each as `printable` gives it. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** A text from a file or a server without what a terminal would obey: control characters become `\uFFFD`. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD')
}
