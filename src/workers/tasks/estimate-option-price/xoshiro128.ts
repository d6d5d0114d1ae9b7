/**
 * The generator xoshiro128++ 1.0 of Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM Transactions
 * on Mathematical Software 47 (2021), public domain (https://prng.di.unimi.it/xoshiro128plusplus.c). Its period of 2^128 − 1
 * falls into 2^64 stretches of 2^64 numbers, and a jump leads from one to the next: each block of paths has a stretch of its own.
 */
export type Xoshiro128 = Int32Array

/** The polynomial whose jump equals 2^64 calls of `nextInt32`. */
const jumpPolynomial = [0x8764000b, 0xf542d2d3, 0x6fa035c3, 0x77f2db5b]

/** The state for a seed, filled by SplitMix64 as the authors advise: seeds that are alike give states that are not. */
export function seedXoshiro128(seed: number): Xoshiro128 {
  let counter = BigInt(seed)
  const words = new BigInt64Array(2).map(() => {
    counter = BigInt.asUintN(64, counter + 0x9e3779b97f4a7c15n)
    let mixed = BigInt.asUintN(64, (counter ^ (counter >> 30n)) * 0xbf58476d1ce4e5b9n)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn)
    return BigInt.asIntN(64, mixed ^ (mixed >> 31n))
  })
  // Low half first on every machine, whatever its byte order.
  return Int32Array.from([...words].flatMap((word) => [Number(BigInt.asIntN(32, word)), Number(word >> 32n)]))
}

/** The next number, all of whose 32 bits are random: signed, because that is what the engine keeps without boxing it. */
export function nextInt32(state: Xoshiro128): number {
  const s0 = state[0] ?? 0
  const s1 = state[1] ?? 0
  const s2 = (state[2] ?? 0) ^ s0
  const s3 = (state[3] ?? 0) ^ s1
  const sum = (s0 + (state[3] ?? 0)) | 0
  state[0] = s0 ^ s3
  state[1] = s1 ^ s2
  state[2] = s2 ^ (s1 << 9)
  state[3] = (s3 << 11) | (s3 >>> 21)
  return (((sum << 7) | (sum >>> 25)) + s0) | 0
}

/** Moves the state 2^64 numbers ahead. */
export function jumpXoshiro128(state: Xoshiro128): void {
  const ahead = new Int32Array(4)
  for (const word of jumpPolynomial) {
    for (let bit = 0; bit < 32; bit += 1) {
      if ((word & (1 << bit)) !== 0) for (let i = 0; i < 4; i += 1) ahead[i] = (ahead[i] ?? 0) ^ (state[i] ?? 0)
      nextInt32(state)
    }
  }
  state.set(ahead)
}
