// The page's own script: plain JavaScript for the browser, over the client library that everybody may use.
import { subscribe } from '/assets/client/subscribe.ts'

const one = (selector) => document.querySelector(selector)
const account = one('#account')
const mfa = one('#mfa')
const form = one('#job')
const graphqlUrl = new URL('/graphql', location.href).href

async function request(query, variables, file) {
  const operation = JSON.stringify({ query, variables })
  let body = operation
  let headers = { 'content-type': 'application/json' }
  if (file !== undefined) {
    headers = {}
    body = new FormData()
    body.set('operations', operation)
    body.set('map', '{"0":["variables.file"]}')
    body.set('0', file)
  }
  const response = await fetch(graphqlUrl, {
    method: 'POST',
    headers: { accept: 'application/json', ...headers },
    body,
  })
  const { data, errors } = await response.json()
  if (errors !== undefined) throw Object.assign(new Error(errors[0].message), { code: errors[0].extensions?.code })
  return data
}

/** The outcome of a mutation, or its refusal thrown. */
function expectOutcome(result) {
  if (result.message === undefined) return result
  const issues = (result.issues ?? []).map((issue) => `\n${issue.path.join('.')}: ${issue.message}`)
  throw new Error(result.message + issues.join(''))
}

function guarded(action) {
  return async (event) => {
    event.preventDefault()
    one('#error').textContent = ''
    try {
      await action(event)
    } catch (error) {
      one('#error').textContent = error.message
    }
  }
}

function showUser(user) {
  account.hidden = user !== null
  mfa.hidden = true
  form.hidden = user === null
  one('#who').hidden = user === null
  one('#name').textContent = user === null ? '' : `Signed in as ${user.displayName}.`
}

account.addEventListener(
  'submit',
  guarded(async (event) => {
    const { email, password, displayName, setupToken } = Object.fromEntries(new FormData(account))
    const known = '... on SignInSuccess { user { displayName } } ... on Error { message }'
    const signIn = `mutation ($input: SignInInput!) { result: signIn(input: $input) { ${known} ... on MfaRequired { challengeToken methods passkeyOptions } } }`
    const signUp = `mutation ($input: SignUpInput!) { result: signUp(input: $input) { ${known} ... on VerificationRequired { email } ... on InvalidInputError { issues { path message } } } }`
    const isNew = event.submitter.value === 'signUp'
    const input = isNew
      ? {
          email,
          password,
          displayName: displayName || email.split('@')[0],
          setupToken: setupToken || null,
          inviteToken: inviteToken(),
        }
      : { email, password }
    const { result } = await request(isNew ? signUp : signIn, { input })
    const entered = expectOutcome(result)
    if (entered.challengeToken !== undefined) askSecondFactor(entered)
    else if (entered.email !== undefined)
      throw new Error(`Open the link in the mail to ${entered.email}, then sign in.`)
    else showUser(entered.user)
  }),
)

/** The token of an invite, `#/sign-up?token=…`. */
function inviteToken() {
  const { name, token } = linked()
  return name === 'sign-up' ? token : null
}

/** Where the links in mails lead to: what is asked for there, and the mutation that their token is for. */
const mailed = {
  'verify-email': {
    what: 'Confirm your address',
    query: 'mutation ($token: String!) { result: verifyEmail(token: $token) { ... on Error { message } } }',
    done: 'Your address is confirmed: sign in.',
  },
  'reset-password': {
    what: 'Set a new password',
    fields: ['newPassword'],
    query:
      'mutation ($token: String!, $newPassword: String!) { result: resetPassword(input: { token: $token, newPassword: $newPassword }) { ... on Error { message } ... on InvalidInputError { issues { path message } } } }',
    done: 'Your password is set: sign in with it.',
  },
  'confirm-email-change': {
    what: 'Make this the address of your account',
    query: 'mutation ($token: String!) { result: confirmEmailChange(token: $token) { ... on Error { message } } }',
    done: 'Your account has its new address.',
  },
  'undo-email-change': {
    what: 'Take the change of your address back',
    query: 'mutation ($token: String!) { result: undoEmailChange(token: $token) { ... on Error { message } } }',
    done: 'Your account has its old address again, and everybody was signed out of it.',
  },
  'forgot-password': {
    what: 'Get a mail to set a new password',
    fields: ['email'],
    query: 'mutation ($email: String!) { result: requestPasswordReset(email: $email) { ... on Error { message } } }',
    done: 'If the address has an account, a mail is on its way.',
  },
}

/** The page that the fragment names, `#/<page>?token=…`, with its token. */
function linked() {
  const [, name = '', search = ''] = /^#\/([a-z-]+)(?:\?(.*))?$/.exec(location.hash) ?? []
  return {
    page: Object.hasOwn(mailed, name) ? mailed[name] : null,
    name,
    token: new URLSearchParams(search).get('token'),
  }
}

const link = one('#mailed')

function showLinked() {
  const { page } = linked()
  one('#done').textContent = ''
  link.hidden = page === null
  if (page === null) return
  one('#mailed-what').textContent = page.what
  for (const name of ['email', 'newPassword']) {
    const field = link.elements[name]
    field.disabled = field.parentElement.hidden = !(page.fields ?? []).includes(name)
  }
}

addEventListener('hashchange', showLinked)
showLinked()

link.addEventListener(
  'submit',
  guarded(async () => {
    const { page, token } = linked()
    const { result } = await request(page.query, { token: token ?? '', ...Object.fromEntries(new FormData(link)) })
    expectOutcome(result)
    // The token has been used: it must not stay in the history.
    history.replaceState(null, '', location.pathname)
    showLinked()
    one('#done').textContent = page.done
  }),
)

let challenge = null

function askSecondFactor(entered) {
  challenge = entered
  account.hidden = true
  mfa.hidden = false
  one('#by-passkey').hidden = entered.passkeyOptions === null
}

mfa.addEventListener(
  'submit',
  guarded(async (event) => {
    const { challengeToken, passkeyOptions } = challenge
    const proof = event.submitter.value === 'passkey' ? await passkeyProof(passkeyOptions) : codeProof()
    const { result } = await request(
      'mutation ($challengeToken: String!, $proof: MfaProof!) { result: completeMfa(challengeToken: $challengeToken, proof: $proof) { ... on SignInSuccess { user { displayName } } ... on Error { code message } } }',
      { challengeToken, proof },
    )
    // A challenge that is over cannot be answered any more: back to the first factor.
    if (result.code === 'INVALID_CHALLENGE') showUser(null)
    showUser(expectOutcome(result).user)
  }),
)

function codeProof() {
  const code = mfa.elements.code.value.trim()
  return /^[\d ]{6,7}$/.test(code) ? { totpCode: code } : { recoveryCode: code }
}

async function passkeyProof(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  return { passkey: (await navigator.credentials.get({ publicKey })).toJSON() }
}

one('#sign-out').addEventListener(
  'click',
  guarded(async () => {
    await request('mutation { signOut }')
    showUser(null)
  }),
)

const watchJob = `subscription ($id: ID!) { job(id: $id) { __typename job { state progress { fraction message } error { message } } ... on JobPartial { data } } }`

form.addEventListener(
  'submit',
  guarded(async () => {
    const file = form.elements.file.files[0]
    const transport = form.elements.transport.value || undefined
    one('#progress').hidden = false
    one('#columns').replaceChildren()
    show('uploading', 0)
    const { uploadArtifact } = await request(
      'mutation ($file: Upload!) { uploadArtifact(file: $file) { id } }',
      { file: null },
      file,
    )
    const { submission } = await request(
      'mutation ($file: ID!) { submission: profileTable(input: { file: $file }) { ... on ProfileTableAccepted { job { id } } ... on Error { message } } }',
      { file: uploadArtifact.id },
    )
    await watch(expectOutcome(submission).job.id, transport)
  }),
)

let watched = null

form.elements.cancel.addEventListener(
  'click',
  guarded(() => request('mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id: watched })),
)

async function watch(id, transport) {
  const cancel = form.elements.cancel
  watched = id
  cancel.disabled = false
  form.elements.start.disabled = true
  let using = ''
  try {
    const operation = { query: watchJob, variables: { id } }
    const onConnect = (name) => (using = name)
    for await (const frame of subscribe({ url: graphqlUrl, operation, transport, onConnect })) {
      const { job, data } = frame.data.job
      const message = job.error?.message ?? job.progress?.message ?? ''
      show(
        `${job.state.toLowerCase()} over ${using}. ${message}`,
        job.state === 'SUCCEEDED' ? 1 : (job.progress?.fraction ?? 0),
      )
      if (data?.columns !== undefined) showColumns(data.columns)
    }
    const { job } = await request('query ($id: ID!) { job(id: $id) { output } }', { id })
    if (job.output !== null) showColumns(job.output.columns)
  } finally {
    cancel.disabled = true
    form.elements.start.disabled = false
  }
}

function show(text, fraction) {
  one('#state').textContent = text
  one('#bar').value = fraction
}

function showColumns(columns) {
  const names = [...new Set(columns.flatMap(Object.keys))].filter((name) =>
    columns.every((column) => typeof column[name] !== 'object' || column[name] === null),
  )
  const row = (tag, cells) => {
    const line = document.createElement('tr')
    for (const cell of cells) line.append(Object.assign(document.createElement(tag), { textContent: format(cell) }))
    return line
  }
  one('#columns').replaceChildren(
    row('th', names),
    ...columns.map((column) =>
      row(
        'td',
        names.map((name) => column[name]),
      ),
    ),
  )
}

function format(value) {
  if (value === null || value === undefined) return ''
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value)
}

request('{ me { displayName } }').then(
  ({ me }) => showUser(me),
  () => showUser(null),
)
