import { readdirSync, readFileSync } from 'node:fs'

/**
 * MB that the runtime holds now, which is the largest process that was started; beside it are the
 * development server's proxy and the bundler. Undefined where the system has no /proc.
 */
export function readMemory(): number | undefined {
  if (process.platform !== 'linux') return undefined
  let kilobytes = 0
  for (const id of readdirSync('/proc')) {
    if (!/^\d+$/.test(id)) continue
    const status = readStatus(id)
    if (!status.includes(`\nPPid:\t${process.pid}\n`)) continue
    kilobytes = Math.max(kilobytes, Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0))
  }
  return kilobytes / 1_024
}

function readStatus(id: string): string {
  try {
    return readFileSync(`/proc/${id}/status`, 'utf8')
  } catch {
    return '' // it has just ended
  }
}
