#!/usr/bin/env node
// Plain JavaScript, so that an old Node reads it far enough to say what is missing, and so that the compile cache is on
// before the first TypeScript file is read (a third off the start-up time).
import { enableCompileCache } from 'node:module'

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `Millrace needs Node 24 or newer; this is ${process.versions.node}. In its own folder, npm start and npx millrace bring their own.`,
  )
  process.exit(1)
}
enableCompileCache?.()
const { runCli } = await import('../src/cli.ts')
await runCli(process.argv)
