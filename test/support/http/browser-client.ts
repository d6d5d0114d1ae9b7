import { post, send, type TestAnswer, type TestRequest } from './requests.ts'

const password = 'violet hum table 7'

/** A caller who keeps cookies, and sends what a page of the server's own would send along. */
export interface BrowserClient {
  /** The `Cookie` header that it would send now; `''` without cookies. */
  readonly cookie: string
  post(operation: object, headers?: TestRequest['headers']): Promise<TestAnswer>
  send(request: TestRequest): Promise<TestAnswer>
}

export function openBrowserClient(port: number): BrowserClient {
  const jar = new Map<string, string>()
  const own = () => ({ 'sec-fetch-site': 'same-origin', ...(jar.size > 0 && { cookie: header() }) })
  const header = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

  function keep(answer: TestAnswer): TestAnswer {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }

  return {
    get cookie() {
      return header()
    },
    post: async (operation, headers) => keep(await post(port, operation, { ...own(), ...headers })),
    send: async (request) => keep(await send(port, { ...request, headers: { ...own(), ...request.headers } })),
  }
}

const signUp = {
  query: `mutation ($input: SignUpInput!) { signUp(input: $input) { __typename ... on Error { message } } }`,
}

/** Signs a new user up with a cookie; gives the answer. */
export function signUpWithCookie(client: BrowserClient, name: string): Promise<TestAnswer> {
  const input = { email: `${name}@example.com`, password, displayName: name, delivery: 'COOKIE' }
  return client.post({ ...signUp, variables: { input } })
}
