// What is written in one turn of the event loop can share a transaction: one commit for all, each with its own promise.
//   node examples/event-loop/one-commit.ts
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const writes = 200
const folder = mkdtempSync(join(tmpdir(), 'one-commit-'))
const database = new DatabaseSync(join(folder, 'demo.sqlite'))
database.exec('pragma journal_mode = wal; pragma synchronous = full; create table notes (text text)')
const insert = database.prepare('insert into notes values (?)')

let commits = 0
let waiting: { readonly text: string; readonly done: () => void }[] = []

/** Writes with whoever else writes in this turn. Resolves when it is on the disk. */
function write(text: string): Promise<void> {
  return new Promise((done) => {
    if (waiting.length === 0) setImmediate(commit)
    waiting.push({ text, done })
  })
}

function commit(): void {
  const batch = waiting
  waiting = []
  database.exec('begin immediate')
  for (const { text } of batch) insert.run(text)
  database.exec('commit')
  commits += 1
  for (const { done } of batch) done()
}

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  commits = 0
  const start = performance.now()
  await work()
  const ms = Math.round(performance.now() - start)
  console.log(`${name}: ${writes} writes in ${commits} ${commits === 1 ? 'commit' : 'commits'} (${ms} ms)`)
}

await measure('one after the other', async () => {
  for (let index = 0; index < writes; index += 1) await write(`note ${index}`)
})
await measure('all in one turn', () =>
  Promise.all(Array.from({ length: writes }, (_, index) => write(`note ${index}`))),
)
database.close()
rmSync(folder, { recursive: true })
