/** What is wrong with a password that can be guessed, as the end of a sentence; `null` for one that is strong enough. */
export type JudgeStrength = (password: string, contextWords: readonly string[]) => Promise<string | null>

/** zxcvbn's "safely unguessable": at least 10^8 guesses. */
const enough = 3

/** Scoring takes more than linear time, on the event loop: 256 characters take over half a second (measured). */
const scoredLength = 40

const reasons: Readonly<Record<string, string>> = {
  dictionary: 'is a common password or close to one',
  repeat: 'repeats the same few characters',
  sequence: 'is a sequence such as abcd or 6543',
  spatial: 'follows the keys of a keyboard',
  date: 'is made of dates',
  regex: 'is made of dates',
}

/** A judge of passwords by their first 40 characters. Its dictionary (49,233 common passwords) is loaded at the first use. */
export function createStrengthJudge(): JudgeStrength {
  let loaded: ReturnType<typeof load> | null = null

  return async (password, contextWords) => {
    loaded ??= load()
    const { score, sequence } = (await loaded).check(password, [...contextWords])
    if (score >= enough) return null
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
