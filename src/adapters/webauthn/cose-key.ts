/** The algorithms that passkeys may have, the one liked best first: EdDSA, ES256, RS256 (https://www.iana.org/assignments/cose). */
export const algorithms = [-8, -7, -257] as const

type Algorithm = (typeof algorithms)[number]

/** The labels of a COSE key (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4). What those below zero mean depends on the kind of key. */
const labels = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2 } as const

/** For each algorithm, whether a key is whole and of the one kind that belongs to it (WebAuthn §5.8.5). */
const soundKeys: { readonly [Alg in Algorithm]: (key: ReadonlyMap<unknown, unknown>) => boolean } = {
  [-8]: (key) => key.get(labels.kty) === 1 && key.get(labels.crv) === 6 && hasBytes(key, 'x', 32, 32),
  [-7]: (key) =>
    key.get(labels.kty) === 2 && key.get(labels.crv) === 1 && hasBytes(key, 'x', 32, 32) && hasBytes(key, 'y', 32, 32),
  // 2,048 to 4,096 bits and an exponent of at most three bytes: the cost of a check is bounded.
  [-257]: (key) => key.get(labels.kty) === 3 && hasBytes(key, 'n', 256, 512) && hasBytes(key, 'e', 1, 3),
}

/** Whether a decoded COSE key can be one that a passkey signs with. */
export function isSoundKey(key: unknown): boolean {
  if (!(key instanceof Map)) return false
  const algorithm = algorithms.find((known) => known === key.get(labels.alg))
  return algorithm !== undefined && soundKeys[algorithm](key)
}

function hasBytes(
  key: ReadonlyMap<unknown, unknown>,
  label: keyof typeof labels,
  atLeast: number,
  atMost: number,
): boolean {
  const value = key.get(labels[label])
  return value instanceof Uint8Array && value.length >= atLeast && value.length <= atMost
}
