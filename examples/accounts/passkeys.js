/*
 * Passkeys in a browser, without any library: as the only thing to sign in with, as the second factor after a password, and to
 * show once more who is there. Serve this folder, and let its origin call the server:
 *
 *   python3 -m http.server 8080 --directory examples/accounts
 *   CORS_ORIGINS=http://localhost:8080 npm start
 *
 * Then open http://localhost:8080/passkeys.html. Passkeys are for a domain, here `localhost`: the page must be on it.
 */

const server = new URLSearchParams(location.search).get('server') ?? 'http://localhost:4000'
const one = (selector) => document.querySelector(selector)

/** The data of an operation. Throws its first error, with the stable code. */
async function request(query, variables = {}) {
  const response = await fetch(`${server}/graphql`, {
    method: 'POST',
    credentials: 'include',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = await response.json()
  if (errors !== undefined) throw Object.assign(new Error(errors[0].message), errors[0].extensions)
  return data
}

/** What a mutation led to. Throws its refusal. */
async function outcome(query, variables) {
  const { result } = await request(query, variables)
  if (result.code !== undefined) throw Object.assign(new Error(result.message), { code: result.code })
  return result
}

/** Has the browser make a passkey, or show one: what the server sent, in and what it wants, out. */
async function createPasskey(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  return (await navigator.credentials.create({ publicKey })).toJSON()
}

async function showPasskey(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  return (await navigator.credentials.get({ publicKey })).toJSON()
}

const refused = '... on Error { code message }'

async function signInByPasskey() {
  const { challengeToken, options } = await outcome(
    `mutation { result: startPasskeySignIn { ... on PasskeyChallenge { challengeToken options } ${refused} } }`,
  )
  await outcome(
    `mutation ($token: String!, $response: JSON!) {
      result: finishPasskeySignIn(challengeToken: $token, response: $response) { __typename ${refused} }
    }`,
    { token: challengeToken, response: await showPasskey(options) },
  )
}

async function signInByPassword(input) {
  const entered = await outcome(
    `mutation ($input: SignInInput!) {
      result: signIn(input: $input) {
        __typename ... on MfaRequired { challengeToken passkeyOptions } ${refused}
      }
    }`,
    { input },
  )
  if (entered.__typename !== 'MfaRequired') return
  await outcome(
    `mutation ($token: String!, $response: JSON!) {
      result: completeMfa(challengeToken: $token, proof: { passkey: $response }) { __typename ${refused} }
    }`,
    { token: entered.challengeToken, response: await showPasskey(entered.passkeyOptions) },
  )
}

async function signUp(input) {
  await outcome(`mutation ($input: SignUpInput!) { result: signUp(input: $input) { __typename ${refused} } }`, {
    input: { ...input, displayName: input.email.split('@')[0] },
  })
}

/** Runs what the server guards; where it wants to see the passkey once more, shows it and runs it again. */
async function guarded(action) {
  try {
    return await action()
  } catch (error) {
    if (error.code !== 'STEP_UP_REQUIRED') throw error
  }
  const { challengeToken, passkeyOptions } = await outcome(
    `mutation { result: startStepUp { ... on StepUpChallenge { challengeToken passkeyOptions } ${refused} } }`,
  )
  await outcome(
    `mutation ($token: String!, $response: JSON!) {
      result: completeStepUp(challengeToken: $token, proof: { passkey: $response }) { __typename ${refused} }
    }`,
    { token: challengeToken, response: await showPasskey(passkeyOptions) },
  )
  say('You showed your passkey once more.')
  return action()
}

async function addPasskey() {
  const { challengeToken, options } = await outcome(
    `mutation { result: startPasskeyRegistration { ... on PasskeyChallenge { challengeToken options } ${refused} } }`,
  )
  const { recoveryCodes } = await outcome(
    `mutation ($token: String!, $response: JSON!, $name: String) {
      result: finishPasskeyRegistration(challengeToken: $token, response: $response, name: $name) {
        ... on PasskeyAdded { recoveryCodes } ${refused}
      }
    }`,
    { token: challengeToken, response: await createPasskey(options), name: one('#name').value || null },
  )
  one('#recovery-codes').textContent = recoveryCodes?.join('\n') ?? ''
}

async function removePasskey(id) {
  await outcome(`mutation ($id: ID!) { result: removePasskey(id: $id) { __typename ${refused} } }`, { id })
}

/** Shows who is signed in, and with which passkeys. */
async function show() {
  const data = await request('{ me { displayName } passkeys { id name } }').catch((error) => {
    if (error.code === 'UNAUTHENTICATED' || error.code === 'SESSION_REVOKED') return null
    throw error
  })
  one('#account').hidden = data !== null
  one('#own').hidden = data === null
  one('#who').textContent = data === null ? '' : `Signed in as ${data.me.displayName}.`
  one('#passkeys').replaceChildren(...(data?.passkeys ?? []).map(itemOf))
}

function itemOf({ id, name }) {
  const item = document.createElement('li')
  const remove = document.createElement('button')
  remove.textContent = 'Remove'
  remove.addEventListener(
    'click',
    told(() => guarded(() => removePasskey(id))),
  )
  item.append(name, ' ', remove)
  return item
}

function say(text) {
  one('#message').textContent = text
}

/** An action of somebody, with what came of it shown. */
function told(action) {
  return (event) => {
    event.preventDefault()
    say('')
    action(event)
      .then(show)
      .catch((error) => say(error.message))
  }
}

one('#account').addEventListener(
  'submit',
  told(async ({ submitter, target }) => {
    const input = Object.fromEntries(new FormData(target))
    await (submitter.value === 'signUp' ? signUp(input) : signInByPassword(input))
  }),
)
one('#by-passkey').addEventListener('click', told(signInByPasskey))
one('#add').addEventListener(
  'click',
  told(() => guarded(addPasskey)),
)
one('#sign-out').addEventListener(
  'click',
  told(async () => {
    one('#recovery-codes').textContent = ''
    await request('mutation { signOut }')
  }),
)
show().catch((error) => say(error.message))
