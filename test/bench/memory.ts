import { readdirSync, readFileSync } from 'node:fs'

/** MB that the runtime's processes hold now; undefined where the system has no /proc. */
export function readMemory(): number | undefined {
  if (process.platform !== 'linux') return undefined
  let kilobytes = 0
  for (const id of readdirSync('/proc')) {
    if (!/^\d+$/.test(id)) continue
    const status = readStatus(id)
    const isOurs = status.includes(`\nPPid:\t${process.pid}\n`)
    if (isOurs) kilobytes += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)
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
