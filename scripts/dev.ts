import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { projectRoot } from './run-command.ts'

/** The server, started anew whenever a source or a task file changes. */
const taskFolders = (process.env['MILLRACE_TASKS'] ?? '').split(delimiter).filter((folder) => folder !== '')
const watched = [join(projectRoot, 'src'), ...taskFolders].map((folder) => `--watch-path=${folder}`)
const entry = join(projectRoot, 'bin/millrace.mjs')
const server = spawn(process.execPath, [...watched, '--watch-preserve-output', entry, 'start'], { stdio: 'inherit' })
// The terminal sends Ctrl-C to the server as well; what is sent to us alone is passed on.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => server.kill('SIGTERM'))
server.on('close', (code) => (process.exitCode = code ?? 1))
