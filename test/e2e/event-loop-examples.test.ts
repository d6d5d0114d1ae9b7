import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runNode } from '../support/server-process.ts'

const page = readFileSync('docs/event-loop.md', 'utf8')

/** The demonstrations of the page, each with what the page says that it prints. */
const demonstrations = [...page.matchAll(/```sh\nnode (\S+)\n```\n\n```\n(.*?)```/gs)].map(
  ([, file = '', output = '']) => [file, output] as const,
)

describe('the demonstrations of the event loop', () => {
  it('are all on the page', () => {
    expect(demonstrations.map(([file]) => file)).toHaveLength(5)
  })

  it.each(demonstrations)('%s prints what the page says', async (file, output) => {
    const { code, stdout, stderr } = await runNode([file], {})
    expect(stderr).toBe('')
    expect(withoutTimes(stdout)).toBe(withoutTimes(output))
    expect(code).toBe(0)
  })
})

function withoutTimes(text: string): string {
  return text.replaceAll(/\(\d+ ms\)/g, '(ms)')
}
