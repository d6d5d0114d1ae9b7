import { readFile } from 'node:fs/promises'
import { uptime } from 'node:os'

/**
 * Names the present boot of the machine: the same until it restarts. Elsewhere than on Linux the boot's minute stands for
 * it, which at worst gives two names to one boot.
 */
export async function bootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  } catch {
    return `minute-${Math.round((Date.now() / 1000 - uptime()) / 60)}`
  }
}
