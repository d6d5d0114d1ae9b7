import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../scripts/run-command.ts'

/** A fenced block of code. */
export interface CodeBlock {
  readonly language: string
  readonly text: string
}

export interface MarkdownDocument {
  /** From the top of the project. */
  readonly path: string
  readonly blocks: readonly CodeBlock[]
  /** Code between backticks in a sentence. */
  readonly inlineCode: readonly string[]
  /** Targets of links and pictures. */
  readonly links: readonly string[]
  /** What a link can name after `#`. */
  readonly anchors: readonly string[]
}

/** A sentence may be broken within it; a paragraph may not. */
const inline = /`((?:[^`\n]|\n(?!\s*\n))+)`/g
const fence = /^ *(`{3,}|~{3,})(\w*)[^\n]*\n([\s\S]*?)^ *\1 *$/gm

/** Every document of the project. */
export function readDocuments(): readonly MarkdownDocument[] {
  const paths = globSync(['*.md', '{docs,examples,client,.github}/**/*.md'], { cwd: projectRoot })
  return paths.toSorted().map((path) => readMarkdown(path, readFileSync(join(projectRoot, path), 'utf8')))
}

/** Reads what there is to check in a document. */
export function readMarkdown(path: string, text: string): MarkdownDocument {
  const prose = text.replaceAll(fence, '')
  return {
    path,
    blocks: [...text.matchAll(fence)].map(([, , language = '', code = '']) => ({ language, text: code })),
    inlineCode: [...prose.matchAll(inline)].map(([, code = '']) => code.replaceAll('\n', ' ')),
    links: [...prose.replaceAll(inline, '').matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(
      ([, target = '']) => target,
    ),
    anchors: [...prose.matchAll(/^#+ +(.+?) *#*$/gm)].map(([, heading = '']) => anchorOf(heading)),
  }
}

/** The anchor that GitHub makes of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}
