import { SingleBar } from 'cli-progress'
import { printable, printableLines } from './printable.ts'

/** Shows how far something is, on the error output. */
export interface Bar {
  /** From 0 to 1. */
  show(fraction: number, message: string): void
  /** Writes a line above the bar. */
  line(text: string): void
  stop(): void
}

/** A bar that redraws itself at a terminal, and plain lines (one for each tenth, and for the end) elsewhere. */
export function createBar(title: string): Bar {
  return process.stderr.isTTY ? liveBar(title) : lineBar(title)
}

/** No bar at all. */
export const silentBar: Bar = { show: () => {}, line: () => {}, stop: () => {} }

function liveBar(title: string): Bar {
  const bar = new SingleBar({
    format: `${title} {bar} {percentage}% {message}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    stream: process.stderr,
    clearOnComplete: false,
  })
  bar.start(1000, 0, { message: '' })
  let ended = false
  return {
    show: (fraction, message) => bar.update(Math.round(fraction * 1000), { message: printable(message) }),
    line: (text) => process.stderr.write(`\r\u001b[K${printableLines(text)}\n`),
    stop: () => {
      if (!ended) bar.stop()
      ended = true
    },
  }
}

function lineBar(title: string): Bar {
  let shown = -1
  let last = ''
  return {
    show: (fraction, message) => {
      const tenth = Math.floor(fraction * 10)
      const isEnd = fraction === 1 && message !== last
      if (tenth <= shown && !isEnd) return
      shown = tenth
      last = message
      process.stderr.write(`${title} ${Math.round(fraction * 100)}% ${printable(message)}\n`)
    },
    line: (text) => process.stderr.write(`${printableLines(text)}\n`),
    stop: () => {},
  }
}
