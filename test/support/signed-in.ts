/** A user of a server that is reached over HTTP. */
export interface SignedInUser {
  readonly email: string
  readonly password: string
  readonly headers: Readonly<Record<string, string>>
  /** Runs an operation; gives its data. Throws the first error, with its code in the message. */
  request<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>
  /** Uploads a file; gives the artifact's id. */
  upload(fileName: string, content: BlobPart): Promise<string>
}

const password = 'a sentence nobody guesses'

/** Signs a new user up and gives them with a token. */
export async function signUpAt(url: string, name: string, setupToken: string | null = null): Promise<SignedInUser> {
  const email = `${name}@example.com`
  const input = { email, password, displayName: name, delivery: 'TOKENS', setupToken }
  const data = await post<{ signUp: { tokens?: { accessToken: string }; message?: string } }>(
    url,
    {},
    {
      query: `mutation ($input: SignUpInput!) {
      signUp(input: $input) { ... on SignInSuccess { tokens { accessToken } } ... on Error { message } }
    }`,
      variables: { input },
    },
  )
  if (data.signUp.tokens === undefined) throw new Error(data.signUp.message)
  return knownBy(url, email, data.signUp.tokens.accessToken)
}

/** Signs a user in once more, with a session and a token of their own. */
export async function signInAt(url: string, { email }: Pick<SignedInUser, 'email'>): Promise<SignedInUser> {
  const data = await post<{ signIn: { tokens?: { accessToken: string }; message?: string } }>(
    url,
    {},
    {
      query: `mutation ($input: SignInInput!) {
      signIn(input: $input) { ... on SignInSuccess { tokens { accessToken } } ... on Error { message } }
    }`,
      variables: { input: { email, password, delivery: 'TOKENS' } },
    },
  )
  if (data.signIn.tokens === undefined) throw new Error(data.signIn.message)
  return knownBy(url, email, data.signIn.tokens.accessToken)
}

function knownBy(url: string, email: string, token: string): SignedInUser {
  const headers = { authorization: `Bearer ${token}` }
  return {
    email,
    password,
    headers,
    request: (query, variables = {}) => post(url, headers, { query, variables }),
    async upload(fileName, content) {
      const form = new FormData()
      form.set(
        'operations',
        JSON.stringify({
          query: 'mutation ($file: Upload!) { uploadArtifact(file: $file) { id } }',
          variables: { file: null },
        }),
      )
      form.set('map', '{"0":["variables.file"]}')
      form.set('0', new Blob([content], { type: 'text/csv' }), fileName)
      const uploaded = await post<{ uploadArtifact: { id: string } }>(url, headers, form)
      return uploaded.uploadArtifact.id
    },
  }
}

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

async function post<Data>(url: string, headers: Readonly<Record<string, string>>, body: object): Promise<Data> {
  const isForm = body instanceof FormData
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { accept: 'application/json', ...headers, ...(isForm ? {} : { 'content-type': 'application/json' }) },
    body: isForm ? body : JSON.stringify(body),
  })
  // Answers of our own server, checked by what the test expects of them.
  const { data, errors } = (await response.json()) as Answer
  const [first] = errors ?? []
  if (first !== undefined) throw new Error(`${first.extensions?.code ?? 'no code'}: ${first.message}`)
  return data as Data
}
