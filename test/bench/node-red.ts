import { spawn, execFileSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'
import { PATIENCE_MS } from '../patience.ts'
import { PLAIN_TABLE } from './sqlite.ts'

const VERSION = '5.0.7'
const CONNECTIONS = 16

/** The simplest flow: an HTTP request, a function that stores it, and the response. */
const FLOW = [
  { id: 'tab', type: 'tab', label: 'Webhook' },
  {
    id: 'in',
    type: 'http in',
    z: 'tab',
    url: '/webhooks/yespo',
    method: 'post',
    wires: [['store']],
  },
  {
    id: 'store',
    type: 'function',
    z: 'tab',
    func: `const store = global.get('store'); store(msg.payload); msg.payload = { received: msg.payload.length }; return msg`,
    outputs: 1,
    wires: [['answer']],
  },
  { id: 'answer', type: 'http response', z: 'tab', statusCode: '200', wires: [] },
]

/** Called by the function node; returns when the events are on disk. */
const settingsFor = (folder: string, port: number) => `
  const { DatabaseSync } = require('node:sqlite')
  const { createHash } = require('node:crypto')
  const db = new DatabaseSync(${JSON.stringify(join(folder, 'events.db'))})
  db.exec(${JSON.stringify(PLAIN_TABLE.schema)})
  const insert = db.prepare(${JSON.stringify(PLAIN_TABLE.insert)})
  const store = (events) => {
    db.exec('BEGIN')
    for (const event of events) {
      const text = JSON.stringify(event)
      insert.run(createHash('sha256').update(text).digest(), event.contactId ?? null,
        event.activityStatus ?? null, event.activityDateTime ?? null, text)
    }
    db.exec('COMMIT')
  }
  module.exports = {
    uiHost: '127.0.0.1', uiPort: ${port}, httpAdminRoot: false, userDir: ${JSON.stringify(folder)},
    flowFile: 'flows.json', credentialSecret: false, apiMaxLength: '10mb',
    telemetry: { enabled: false }, logging: { console: { level: 'warn' } },
    functionGlobalContext: { store },
  }`

/** Node-RED with one flow that stores events in SQLite. */
export class NodeRed {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #pool: Pool

  private constructor(process: ChildProcess, folder: string, port: number) {
    this.#process = process
    this.#folder = folder
    this.#pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS })
  }

  /** Installs it into a temporary folder and starts it. @throws if npm or the registry fails */
  static async start(): Promise<NodeRed> {
    const packages = join(tmpdir(), `bench-node-red-${VERSION}`)
    const install = ['install', '--prefix', packages, '--no-audit', '--no-fund']
    execFileSync('npm', [...install, `node-red@${VERSION}`], { stdio: 'pipe' })
    const folder = mkdtempSync(join(tmpdir(), 'bench-'))
    const port = await findPort()
    const settings = join(folder, 'settings.js')
    writeFileSync(settings, settingsFor(folder, port))
    writeFileSync(join(folder, 'flows.json'), JSON.stringify(FLOW))
    const red = join(packages, 'node_modules/node-red/red.js')
    const started = spawn(process.execPath, [red, '--settings', settings], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const nodeRed = new NodeRed(started, folder, port)
    try {
      await nodeRed.#untilReady()
      return nodeRed
    } catch (error) {
      await nodeRed.close()
      throw error
    }
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    while (!(await this.#send(Buffer.from('[]')).catch(() => false))) {
      if (this.#process.exitCode !== null) throw new Error('Node-RED has exited')
      if (performance.now() > deadline) throw new Error('Node-RED does not respond')
      await wait(100)
    }
  }

  /** Sends bodies over all connections; each gets its response once its events are on disk. */
  async post(bodies: Iterable<Buffer>): Promise<void> {
    const queue = bodies[Symbol.iterator]()
    const send = async () => {
      for (let next = queue.next(); !next.done; next = queue.next()) {
        if (!(await this.#send(next.value))) throw new Error('Node-RED rejected a body')
      }
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, send))
  }

  async #send(body: Buffer): Promise<boolean> {
    const headers = { 'content-type': 'application/json' }
    const path = '/webhooks/yespo'
    const response = await this.#pool.request({ method: 'POST', path, headers, body })
    await response.body.dump()
    return response.statusCode === 200
  }

  async close(): Promise<void> {
    await this.#pool.close()
    if (this.#process.exitCode === null) {
      const ended = once(this.#process, 'exit')
      this.#process.kill()
      await ended
    }
    rmSync(this.#folder, { recursive: true })
  }
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
