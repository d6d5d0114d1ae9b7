/** What is wrong with a password that can be guessed, as the end of a sentence; `null` for one that is strong enough. */
export type JudgeStrength = (password: string, context: StrengthContext) => Promise<string | null>

export interface StrengthContext {
  /** Words that a guesser would try first. */
  readonly words: readonly string[]
  readonly isMfaEnforced: boolean
}

/**
 * zxcvbn's scores: 3 for over 10^8 guesses, 2 for over 10^6, which is all that eight random characters can have. Nobody who
 * guesses here comes far: after a hundred failures there is no further attempt.
 */
const enough = { alone: 3, withMfa: 2 } as const

/** Scoring takes more than linear time, on the event loop: 32 characters at most 20 ms, 256 over half a second (measured). */
const scoredLength = 32

const reasons: Readonly<Record<string, string>> = {
  dictionary: 'is a common password or close to one',
  repeat: 'repeats the same few characters',
  sequence: 'is a sequence such as abcd or 6543',
  spatial: 'follows the keys of a keyboard',
  date: 'is made of dates',
  regex: 'is made of dates',
}

/** A judge of passwords by their first 32 characters. Its dictionary (49,233 common passwords) is loaded at the first use. */
export function createStrengthJudge(): JudgeStrength {
  let loaded: ReturnType<typeof load> | null = null

  return async (password, { words, isMfaEnforced }) => {
    loaded ??= load()
    const { score, sequence } = (await loaded).check(password, [...words])
    if (score >= (isMfaEnforced ? enough.withMfa : enough.alone)) return null
    const telling = sequence.find(({ pattern }) => pattern in reasons)
    return reasons[telling?.pattern ?? ''] ?? 'is easy to guess'
  }
}

async function load() {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: scoredLength })
}
