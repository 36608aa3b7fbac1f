import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Server } from './server.ts'

const AUTHORIZATION = `Basic ${Buffer.from('bench:password-of-the-bench').toString('base64')}`
const TICK_MS = 10 // of the times in /proc
const QUIET_MS = 500

/** What one body costs until it is answered. */
export async function weigh(body: Buffer) {
  const server = await Server.start('edge')
  try {
    for (let times = 0; times < 20; times++) await post(server, WARM_UP)
    const runtime = findRuntime()
    await untilQuiet(runtime)
    const before = new Meter(runtime)
    const status = await post(server, body)
    const cost = before.read()
    return { status, cost }
  } finally {
    await server.close()
  }
}

const WARM_UP = Buffer.from(
  `[${Array.from({ length: 300 }, (_, place) => `{"iid":"w${place}","activityStatus":"READ","activityDateTime":"2026-01-05T07:00:00","n":[1.0,{"a":"\\u0416"}]}`).join()},5,{}]`,
)

async function post(server: Server, body: Buffer): Promise<string> {
  const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json' }
  const response = await fetch(`${server.origin}/webhooks/yespo`, {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  })
  const text = await response.text()
  const answer = JSON.parse(text) as {
    accepted?: number
    received?: number
    quarantined?: object[]
  }
  if (answer.received === undefined) return String(response.status)
  return `${response.status}: ${answer.received}, ${answer.accepted}, ${answer.quarantined?.length}`
}

/** The process of the runtime: the largest that was started. */
function findRuntime(): number {
  const children = readdirSync('/proc').filter(
    (id) => /^\d+$/.test(id) && status(Number(id)).includes(`\nPPid:\t${process.pid}\n`),
  )
  const sizes = children.map((id) => ({ id: Number(id), size: kilobytes(Number(id), 'VmRSS') }))
  return sizes.reduce((largest, each) => (each.size > largest.size ? each : largest)).id
}

/** What a process has used since. */
class Meter {
  readonly #ticks: number
  readonly #size: number
  readonly runtime: number

  constructor(runtime: number) {
    this.runtime = runtime
    writeFileSync(`/proc/${runtime}/clear_refs`, '5') // the peak begins anew
    this.#ticks = ticks(runtime)
    this.#size = kilobytes(runtime, 'VmRSS')
  }

  read(): { ms: number; megabytes: number } {
    return {
      ms: (ticks(this.runtime) - this.#ticks) * TICK_MS,
      megabytes: (kilobytes(this.runtime, 'VmHWM') - this.#size) / 1_024,
    }
  }
}

async function untilQuiet(runtime: number): Promise<void> {
  for (let before = -1; ;) {
    const now = ticks(runtime)
    if (before >= 0 && now - before <= 3) return
    before = now
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
  }
}

/** Processor time, of all threads. */
function ticks(id: number): number {
  const fields = readFileSync(`/proc/${id}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function kilobytes(id: number, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status(id))?.[1] ?? 0)
}

function status(id: number): string {
  try {
    return readFileSync(`/proc/${id}/status`, 'utf8')
  } catch {
    return '' // it has just ended
  }
}
