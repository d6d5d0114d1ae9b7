import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { anonymous } from '../../../src/core/principal.ts'
import { newSecret, sha256 } from '../../../src/core/secrets.ts'
import { codeAt } from '../../support/authenticator-app.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openGithubLike } from '../../support/github-like.ts'
import { makeTestFolder } from '../../support/open-test-store.ts'
import { authenticate, newCredential, register, type SoftwareCredential } from '../../support/software-authenticator.ts'
import { type Api, type ApiClient, openApi } from '../open-api.ts'

/** Somebody who is signed in, with a second session and an API key. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly password: string
  readonly client: ApiClient
  /** Of the browser that they use. */
  readonly device: string
  readonly otherSessionId: string
  /** An API key of theirs. */
  readonly apiKeyId: string
}

export interface AppOwner {
  readonly secret: string
  readonly recoveryCodes: readonly string[]
}

interface Ceremony {
  readonly challengeToken: string
  readonly options: { readonly challenge: string; readonly user?: { readonly id: string } }
}

/** A server with its people, and all that they can do before what is tried. */
export interface People extends AsyncDisposable {
  readonly api: Api
  readonly clock: ReturnType<typeof fakeClock>
  /** An address in a network of its own, so that no limit is met by chance. */
  newIp(): string
  newPerson(token?: object): Promise<Person>
  newAdministrator(): Promise<Person>
  /** The one field of an answer; throws what it was refused with. */
  ask<T>(person: Person, query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>
  /** Sets up an authenticator app, once a person. */
  withApp(person: Person): Promise<AppOwner>
  /** A code of the app that nobody has used. */
  freshCode(owner: AppOwner): string
  /** The challenge of a sign-in by password, in the person's browser. */
  challenge(person: Person): Promise<string>
  stepUp(person: Person): Promise<void>
  /** A registration up to its last step. */
  registration(person: Person): Promise<{ token: string; response: object }>
  /** Sets up a passkey. */
  addPasskey(person: Person): Promise<{ id: string; credential: SoftwareCredential }>
  /** A sign-in by passkey up to its last step. */
  assertion(person: Person, credential: SoftwareCredential): Promise<{ token: string; response: object }>
  /** What the browser of a program brings back from a provider, as somebody new there. */
  providerCode(): Promise<{ code: string; verifier: string }>
  /** The token of the newest link to that page that was mailed to that address. */
  mailedToken(email: string, page: string): Promise<string>
}

const password = 'violet hum table 7'
export const nativeApp = 'com.example.app:/signed-in'
const appUrl = 'https://app.example.com'
const site = { rpId: 'example.com', origin: appUrl }

const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { ... on SignInSuccess { user { id } } } }`
const signIn = `mutation ($input: SignInInput!) {
  signIn(input: $input) { ... on SignInSuccess { session { id } } ... on MfaRequired { challengeToken } }
}`
const createApiKey = `mutation {
  createApiKey(input: { name: "a program", scopes: [JOBS_READ] }) { ... on ApiKeyIssued { apiKey { id } } }
}`
const startRegistration = 'mutation { startPasskeyRegistration { ... on PasskeyChallenge { challengeToken options } } }'
const finishRegistration = `mutation ($token: String!, $response: JSON!) {
  finishPasskeyRegistration(challengeToken: $token, response: $response) { ... on PasskeyAdded { passkey { id } recoveryCodes } }
}`
const startSignIn = 'mutation { startPasskeySignIn { ... on PasskeyChallenge { challengeToken options } } }'
const confirmTotp = 'mutation ($code: String!) { confirmTotp(code: $code) { ... on TotpConfirmed { recoveryCodes } } }'
const completeStepUp = `mutation ($challengeToken: String!, $proof: StepUpProof!) {
  completeStepUp(challengeToken: $challengeToken, proof: $proof) { ... on SignInSuccess { session { id } } ... on Error { code } }
}`

export async function openPeople(): Promise<People> {
  await using opened = new AsyncDisposableStack()
  const clock = fakeClock()
  const folder = opened.use(await makeTestFolder())
  const github = opened.use(await openGithubLike({ id: 1, login: 'x', name: null, emails: [] }))
  const api = opened.use(
    await openApi(
      // The next code as well, so that there is a fresh one after the code that the app was set up with.
      {
        DATA_DIR: folder.path,
        APP_URL: appUrl,
        PUBLIC_URL: 'https://api.example.com',
        PASSKEY_RP_ID: 'example.com',
        TOTP_WINDOW: 'both',
      },
      { clock, settings: { oauth: { providers: [github.settings], redirects: [nativeApp], allowPrivate: true } } },
    ),
  )
  const apps = new Map<string, AppOwner>()
  /** By the person's id. */
  const recoveryCodes = new Map<string, string[]>()
  const mails = new Map<string, { to: string; text: string }>()
  let count = 0

  const newIp = () => {
    count += 1
    return `10.${count >> 8}.${count & 255}.1`
  }

  async function askAs<T>(
    client: ApiClient,
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<T> {
    const { data, errors } = await client.run(query, variables)
    const [first] = errors
    if (first !== undefined) throw new Error(first.message)
    return Object.values(data ?? {})[0] as T // as it was asked for
  }

  async function newPerson(token: object = {}): Promise<Person> {
    const device = sha256(newSecret())
    const client = api.client({ ip: newIp(), device })
    const email = `person${count}@example.com`
    const { user } = await askAs<{ user: { id: string } }>(client, signUp, {
      input: { email, password, displayName: 'Ada', ...token },
    })
    const elsewhere = api.client({ ip: newIp() })
    const { session } = await askAs<{ session: { id: string } }>(elsewhere, signIn, { input: { email, password } })
    const { apiKey } = await askAs<{ apiKey: { id: string } }>(client, createApiKey)
    return { id: user.id, email, password, client, device, otherSessionId: session.id, apiKeyId: apiKey.id }
  }

  const root = await newPerson({ setupToken: api.setupToken })
  const ask: People['ask'] = ({ client }, query, variables) => askAs(client, query, variables)

  async function challenge({ email, device }: Person): Promise<string> {
    const browser = api.client({ ip: newIp(), device })
    const entered = await askAs<{ challengeToken: string }>(browser, signIn, { input: { email, password } })
    return entered.challengeToken
  }

  async function registration(person: Person, credential = newCredential()) {
    const { challengeToken: token, options } = await ask<Ceremony>(person, startRegistration)
    credential.userHandle = options.user?.id ?? ''
    return { token, response: register(credential, site, options.challenge) }
  }

  async function readMails(): Promise<void> {
    const outbox = join(folder.path, 'outbox')
    const names = await readdir(outbox).catch(() => [])
    for (const name of names.filter((one) => one.endsWith('.eml') && !mails.has(one))) {
      const { to, text = '' } = await simpleParser(await readFile(join(outbox, name)))
      mails.set(name, { to: [to].flat()[0]?.text ?? '', text })
    }
  }
  const resources = opened.move()

  return {
    api,
    clock,
    newIp,
    newPerson,
    ask,
    challenge,
    registration: (person) => registration(person),

    async newAdministrator() {
      // Inviting asks for a password that was shown lately.
      const client = api.client({ ip: newIp() })
      await askAs(client, signIn, { input: { email: root.email, password } })
      const createInvite = 'mutation { createInvite(roles: [ADMIN]) { ... on InviteIssued { token } } }'
      const { token } = await askAs<{ token: string }>(client, createInvite)
      return newPerson({ inviteToken: token })
    },

    async withApp(person) {
      const known = apps.get(person.id)
      if (known !== undefined) return known
      const { secret } = await ask<AppOwner>(person, 'mutation { enrollTotp { ... on TotpEnrolment { secret } } }')
      const confirmed = await ask<AppOwner>(person, confirmTotp, { code: codeAt(secret, clock.now()) })
      const owner = { secret, recoveryCodes: confirmed.recoveryCodes }
      recoveryCodes.set(person.id, [...owner.recoveryCodes])
      apps.set(person.id, owner)
      return owner
    },
    freshCode: ({ secret }) => codeAt(secret, clock.now() + 30_000),

    async stepUp(person) {
      const start = 'mutation { startStepUp { ... on StepUpChallenge { challengeToken } } }'
      const { challengeToken } = await ask<{ challengeToken: string }>(person, start)
      const recoveryCode = recoveryCodes.get(person.id)?.pop()
      const proof = recoveryCode === undefined ? { password } : { recoveryCode }
      const { code } = await ask<{ code?: string }>(person, completeStepUp, { challengeToken, proof })
      if (code !== undefined) throw new Error(code)
    },

    async addPasskey(person) {
      const credential = newCredential()
      const begun = await registration(person, credential)
      const added = await ask<{ passkey: { id: string }; recoveryCodes: string[] | null }>(
        person,
        finishRegistration,
        begun,
      )
      if (added.recoveryCodes !== null) recoveryCodes.set(person.id, added.recoveryCodes)
      return { id: added.passkey.id, credential }
    },

    async assertion({ device }, credential) {
      const browser = api.client({ ip: newIp(), device })
      const { challengeToken: token, options } = await askAs<Ceremony>(browser, startSignIn)
      return { token, response: authenticate(credential, site, options.challenge) }
    },

    async providerCode() {
      const verifier = newSecret(32)
      const client = { ip: newIp(), userAgent: 'test', device: sha256(newSecret()), requestId: 'test' }
      const input = { provider: 'github', redirectTo: nativeApp, codeChallenge: sha256(verifier) }
      const { address } = await api.accounts.openOAuth(input, client)
      count += 1
      const email = `there${count}@example.com`
      github.person = { id: count, login: `p${count}`, name: 'Ada', emails: [{ email, primary: true, verified: true }] }
      const response = await fetch(address, { redirect: 'manual' })
      const { search } = new URL(response.headers.get('location') ?? '')
      const step = await api.accounts.finishOAuth({ provider: 'github', search: search.slice(1) }, client, anonymous)
      return { code: new URL(step.address).searchParams.get('code') ?? '', verifier }
    },

    async mailedToken(email, page) {
      const pattern = new RegExp(`^${appUrl}/#/${page}\\?token=(\\S+)$`, 'm')
      const tokens = () =>
        [...mails.values()].flatMap(({ to, text }) => (to === email ? (pattern.exec(text)?.[1] ?? []) : []))
      const before = tokens().length
      await eventually(async () => {
        await readMails()
        return tokens().length > before
      })
      return tokens().at(-1) ?? ''
    },

    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
