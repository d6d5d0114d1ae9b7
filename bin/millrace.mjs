#!/usr/bin/env node
// Plain JavaScript, so that an old Node reads it far enough to say what is missing, and so that the compile cache is on
// before the first TypeScript file is read (a third off the start-up time).
import nodeModule from 'node:module'
import { availableParallelism } from 'node:os'

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `Millrace needs Node 24 or newer; this is ${process.versions.node}. In its own folder, npm start and npx millrace bring their own.`,
  )
  process.exit(1)
}
// The terminal sends these to members as well; the primary says what becomes of them.
if (process.env.MILLRACE_MEMBER !== undefined) for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
nodeModule.enableCompileCache?.()
// Libuv's own threads hash passwords, read files and work for native libraries, those of tasks too: its four are too few on a
// machine of many cores. Read when the first of them starts, so it is set before anything else.
process.env.UV_THREADPOOL_SIZE ??= String(4 + availableParallelism())
const { runCli } = await import('../src/cli.ts')
await runCli(process.argv)
