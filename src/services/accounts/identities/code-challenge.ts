import { secretsEqual, sha256 } from '../../../core/secrets.ts'

/** SHA-256 in base64url: what S256 makes of a verifier (RFC 7636 §4.2). */
const challengeShape = /^[A-Za-z0-9_-]{43}$/

/** RFC 7636 §4.1. */
const verifierShape = /^[A-Za-z0-9._~-]{43,128}$/

/** Whether the text can be a challenge. */
export function isCodeChallenge(text: string): boolean {
  return challengeShape.test(text)
}

/** Whether the verifier is the one that the challenge was made of. */
export function isVerifierOf(challenge: string, verifier: string): boolean {
  return verifierShape.test(verifier) && secretsEqual(sha256(verifier), challenge)
}
