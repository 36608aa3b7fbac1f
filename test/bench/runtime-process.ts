import { readdirSync, readFileSync } from 'node:fs'

const TICK_MS = 10 // the unit of times in /proc

/** The local runtime's processes that this one has started; none if the system has no /proc. */
export function listRuntimes(): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((id) => /^\d+$/.test(id))
    .map(Number)
    .filter((id) => {
      const status = read(id, 'status')
      return status.startsWith('Name:\tworkerd') && status.includes(`\nPPid:\t${process.pid}\n`)
    })
}

/** The current (`VmRSS`) or maximum (`VmHWM`) memory of a process, in MB. */
export function readMemory(id: number, kind: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const [, kilobytes = 0] =
    new RegExp(`^${kind}:\\s+(\\d+) kB$`, 'm').exec(read(id, 'status')) ?? []
  return Number(kilobytes) / 1_024
}

/** The processor time of all threads of a process, in milliseconds. */
export function readProcessorMs(id: number): number {
  const fields = read(id, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

function read(id: number, file: 'status' | 'stat'): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'utf8')
  } catch {
    return '' // it has just ended
  }
}
