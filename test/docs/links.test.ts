import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'
import { readDocuments, readMarkdown } from './markdown.ts'
import type { MarkdownDocument } from './markdown.ts'

/** The links of a document that lead nowhere. Links to other sites are not followed. */
function brokenLinks(document: MarkdownDocument, all: readonly MarkdownDocument[]): readonly string[] {
  return document.links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#')
      const path = file === '' ? document.path : normalize(join(dirname(document.path), decodeURIComponent(file)))
      if (path.startsWith('..') || !existsSync(join(projectRoot, path))) return true
      const target = path === document.path ? document : all.find((other) => other.path === path)
      return anchor !== undefined && target !== undefined && !target.anchors.includes(anchor)
    })
    .map((link) => `${document.path}: ${link}`)
}

describe('links in documents', () => {
  it('lead to files and headings that exist', () => {
    const documents = readDocuments()
    expect(documents.map((document) => document.path)).toContain('README.md')
    expect(documents.flatMap((document) => document.links).length).toBeGreaterThan(0)
    expect(documents.flatMap((document) => brokenLinks(document, documents))).toEqual([])
  })

  it('are found to be broken when they are', () => {
    const text = [
      '# The one heading',
      '[good](#the-one-heading) [good](LICENSE) [elsewhere](https://example.com) `[code](nothing.md)`',
      '[bad](#another-heading) [bad](nothing.md) ![bad](docs/nothing.png) [out](../outside.md)',
      '```md\n[in a block](nothing.md)\n```\n',
    ].join('\n\n')
    expect(brokenLinks(readMarkdown('CONTRIBUTING.md', text), [])).toEqual([
      'CONTRIBUTING.md: #another-heading',
      'CONTRIBUTING.md: nothing.md',
      'CONTRIBUTING.md: docs/nothing.png',
      'CONTRIBUTING.md: ../outside.md',
    ])
  })
})
