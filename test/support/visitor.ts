/** Where a visitor is: at a page, or before an address at which they were to stop. */
export interface Visit {
  readonly url: URL
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

export interface VisitOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Addresses that are not asked for any more. */
  readonly stop?: (url: URL) => boolean
}

/** A browser without scripts: it keeps cookies by host and port, follows redirects and sends forms. */
export interface Visitor {
  /** Names and values, by host and port. */
  readonly cookies: ReadonlyMap<string, ReadonlyMap<string, string>>
  go(address: string | URL, options?: VisitOptions): Promise<Visit>
  /** Sends the form of a page with these values in those of its fields that it has. */
  submit(page: Visit, values: Readonly<Record<string, string>>, options?: VisitOptions): Promise<Visit>
  /** A request as a script of a page would make it. */
  post(address: string | URL, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Visit>
}

const mostRedirects = 10

/** `always`: headers of every request. */
export function newVisitor(always: Readonly<Record<string, string>> = {}): Visitor {
  const cookies = new Map<string, Map<string, string>>()

  async function ask(url: URL, init: RequestInit): Promise<Response> {
    const jar = cookies.get(url.host) ?? new Map<string, string>()
    cookies.set(url.host, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...always, ...(init.headers as Record<string, string>), ...(cookie !== '' && { cookie }) } // as given below
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }

  async function follow(start: URL, first: RequestInit, { stop }: VisitOptions): Promise<Visit> {
    let url = start
    let init = first
    for (let hops = 0; hops < mostRedirects; hops += 1) {
      const response = await ask(url, init)
      const body = await response.text()
      const { status, headers } = response
      const location = headers.get('location')
      if (location === null) return { url, status, headers, body }
      url = new URL(location, url)
      if (stop?.(url) === true) return { url, status, headers, body }
      init = { headers: {} }
    }
    throw new Error(`Too many redirects, at last to ${url.href}`)
  }

  return {
    cookies,
    go: (address, options = {}) => follow(new URL(address), { headers: options.headers ?? {} }, options),
    submit(page, values, options = {}) {
      const form = /<form[^>]*>[\s\S]*?<\/form>/.exec(page.body)?.[0]
      if (form === undefined) throw new Error(`There is no form at ${page.url.href}: ${page.body}`)
      const fields = [...form.matchAll(/<input[^>]*>/g)].map(([tag]) => {
        const name = /name="([^"]*)"/.exec(tag)?.[1] ?? ''
        return [name, values[name] ?? /value="([^"]*)"/.exec(tag)?.[1] ?? '']
      })
      const action = /action="([^"]*)"/.exec(form)?.[1] ?? ''
      const body = new URLSearchParams(fields).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return follow(new URL(action, page.url), { method: 'POST', headers, body }, options)
    },
    post(address, body, headers = {}) {
      const own = { 'content-type': 'application/json', accept: 'application/json', 'sec-fetch-site': 'same-origin' }
      return follow(
        new URL(address),
        { method: 'POST', headers: { ...own, ...headers }, body: JSON.stringify(body) },
        {},
      )
    },
  }
}
