/** How much of a text is told: so many characters, and so many bytes of JSON, as that many plain characters have with an ellipsis. */
const maxCharacters = 100
const maxBytes = 102

/** A text as it is told in the result, which has a bound: cut, with an ellipsis, at 100 characters, sooner where JSON takes several bytes for one. */
export function toldText(text: string): string {
  if (text.length <= maxCharacters && fits(text)) return text.toWellFormed()
  let length = maxCharacters - 1
  while (!fits(`${text.slice(0, length)}…`)) length -= 1
  return `${text.slice(0, length)}…`.toWellFormed()
}

function fits(text: string): boolean {
  return Buffer.byteLength(JSON.stringify(text.toWellFormed())) - 2 <= maxBytes
}
