/** Makes lines as pino writes them. */
export interface LineMaker {
  /** `null` of fields that are no JSON, which pino knows how to write. */
  lineOf(gravity: number, fields: object, message: string): string | null
  /** Of what is JSON already: the members of an object without its braces, and a message in which nothing is to be escaped. */
  jsonLineOf(gravity: number, members: string, message: string): string
}

/**
 * There is a line for each request: pino, which looks at each field by itself, takes 3 µs, this takes 0.6 µs, and of JSON 0.1 µs.
 * `base`: what stands in every line.
 */
export function createLineMaker(base: object = {}): LineMaker {
  const time = createIsoTime()
  const always = partOf(base) ?? ''
  const headOf = (gravity: number) => `{"level":${gravity},"time":"${time(Date.now())}",${always}`
  return {
    lineOf(gravity, fields, message) {
      const own = partOf(fields)
      return own === null ? null : `${headOf(gravity)}${own}"msg":${JSON.stringify(message)}}\n`
    },
    jsonLineOf: (gravity, members, message) => `${headOf(gravity)}${members},"msg":"${message}"}\n`,
  }
}

/** The members of an object with a comma behind each; `null` where that cannot be said in JSON. */
function partOf(fields: object): string | null {
  try {
    const json = JSON.stringify(fields)
    return json === '{}' ? '' : `${json.slice(1, -1)},`
  } catch {
    return null
  }
}

/** ISO 8601 with milliseconds. It is made once for each of them, and the part to the second once a second. */
function createIsoTime(): (now: number) => string {
  let second = Number.NaN
  let toSecond = ''
  let at = Number.NaN
  let text = ''
  return (now) => {
    if (now === at) return text
    const ms = now % 1_000
    if (now - ms !== second) {
      second = now - ms
      toSecond = new Date(second).toISOString().slice(0, -4)
    }
    at = now
    text = `${toSecond}${String(ms).padStart(3, '0')}Z`
    return text
  }
}
