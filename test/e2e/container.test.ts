import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

/** The words after each `COPY` of the Dockerfile: what is copied, and where to. */
async function copies(): Promise<readonly { readonly sources: readonly string[]; readonly target: string }[]> {
  const text = await readFile(join(projectRoot, 'Dockerfile'), 'utf8')
  return text
    .split('\n')
    .filter((line) => line.startsWith('COPY '))
    .map((line) => {
      const [, ...words] = line.split(' ')
      return { sources: words.slice(0, -1), target: words.at(-1) ?? '' }
    })
}

describe('the image', () => {
  it('holds all that the server needs beside its packages', async () => {
    await using folder = await makeTestFolder()
    const program = join(folder.path, 'program')
    for (const { sources, target } of await copies()) {
      for (const source of sources) {
        const place = target.endsWith('/') ? join(target, source) : target
        await cp(join(projectRoot, source), join(program, place), { recursive: true })
      }
    }
    await symlink(join(projectRoot, 'node_modules'), join(program, 'node_modules'))
    const child = spawn(process.execPath, ['bin/millrace.mjs', 'start'], {
      cwd: program,
      env: {
        NODE_ENV: 'production',
        MILLRACE_SECRET: randomBytes(32).toString('base64'),
        DATA_DIR: join(folder.path, 'data'),
        PORT: '0',
        COMPUTE_THREADS: '1',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'close')
    let output = ''
    const listening = Promise.withResolvers<string>()
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const url = /listens on (http:\S+)/.exec(output)?.[1]
      if (url !== undefined) listening.resolve(url)
    })
    child.once('close', (code) => listening.reject(new Error(`The server ended with ${code}: ${output}`)))
    const answer = await fetch(`${await listening.promise}/readyz`)
    expect(await answer.json()).toMatchObject({ status: 'ok' })
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  it('ignores everything that it does not copy', async () => {
    const ignored = await readFile(join(projectRoot, '.dockerignore'), 'utf8')
    const [first, ...kept] = ignored.trim().split('\n')
    expect(first).toBe('*')
    const copied = (await copies()).flatMap(({ sources }) => sources)
    expect(kept.map((name) => name.slice(1)).toSorted()).toEqual(copied.toSorted())
  })
})
