import { readdirSync, readFileSync } from 'node:fs'

const TICK_MS = 10 // of the times in /proc

/** The processes of the local runtime that this one has started; none if the system has no /proc. */
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

/** MB that a process holds now (`VmRSS`), or held at the most (`VmHWM`). */
export function readMemory(id: number, kind: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const [, kilobytes = 0] =
    new RegExp(`^${kind}:\\s+(\\d+) kB$`, 'm').exec(read(id, 'status')) ?? []
  return Number(kilobytes) / 1_024
}

/** Milliseconds of processor time that all threads of a process have used. */
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
