import { writeFileSync } from 'node:fs'
import { readMemory, readProcessorMs } from './runtime-process.ts'
import { Server } from './server.ts'

const AUTHORIZATION = `Basic ${Buffer.from('bench:password-of-the-bench').toString('base64')}`
const QUIET_MS = 500
const QUIET_SHARE = 0.06 // of the processor, while it is idle

/** The cost of one body until its response. */
export async function weigh(body: Buffer) {
  const server = await Server.start('edge')
  try {
    for (let times = 0; times < 20; times++) await post(server, WARM_UP)
    const runtime = server.processId
    if (!runtime) throw new Error('the use of a process can only be measured on Linux')
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
  `[${Array.from({ length: 300 }, (_, index) => `{"iid":"w${index}","activityStatus":"READ","activityDateTime":"2026-01-05T07:00:00","n":[1.0,{"a":"\\u0416"}]}`).join()},5,{}]`,
)

async function post(server: Server, body: Buffer): Promise<string> {
  const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json' }
  const response = await fetch(`${server.origin}/webhooks/yespo`, {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  })
  const text = await response.text()
  const result = JSON.parse(text) as {
    accepted?: number
    received?: number
    quarantined?: object[]
  }
  if (result.received === undefined) return String(response.status)
  return `${response.status}: ${result.received}, ${result.accepted}, ${result.quarantined?.length}`
}

/** Measures the use of a process from now on. */
class Meter {
  readonly #ms: number
  readonly #megabytes: number
  readonly runtime: number

  constructor(runtime: number) {
    this.runtime = runtime
    writeFileSync(`/proc/${runtime}/clear_refs`, '5') // resets the peak
    this.#ms = readProcessorMs(runtime)
    this.#megabytes = readMemory(runtime)
  }

  read(): { ms: number; megabytes: number } {
    return {
      ms: readProcessorMs(this.runtime) - this.#ms,
      megabytes: readMemory(this.runtime, 'VmHWM') - this.#megabytes,
    }
  }
}

async function untilQuiet(runtime: number): Promise<void> {
  for (let before = -1; ;) {
    const now = readProcessorMs(runtime)
    if (before >= 0 && now - before <= QUIET_SHARE * QUIET_MS) return
    before = now
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
  }
}
