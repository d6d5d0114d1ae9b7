import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot } from './run-command.ts'

/** The server, started anew whenever a source changes. Task files of one's own it takes in while it runs. */
const watched = `--watch-path=${join(projectRoot, 'src')}`
const entry = join(projectRoot, 'bin/millrace.mjs')
const server = spawn(process.execPath, [watched, '--watch-preserve-output', entry, 'start'], { stdio: 'inherit' })
// The terminal sends Ctrl-C to the server as well; what is sent to us alone is passed on.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => server.kill('SIGTERM'))
server.on('close', (code) => (process.exitCode = code ?? 1))
