import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that reached Cloudflare's API. */
export type ApiCall = { method: string; path: string; body: string }

const DATABASE_ID = '11111111-2222-3333-4444-555555555555'

/**
 * As much of Cloudflare's API as a deploy needs, in memory: an account that begins empty, with D1
 * databases, queues, R2 buckets and Workers with their secrets.
 */
export class FakeCloudflare {
  readonly calls: ApiCall[] = []
  readonly databases = new Set<string>()
  readonly queues = new Set<string>()
  readonly buckets = new Set<string>()
  /** Whether R2 is enabled for the account. */
  hasR2 = true
  readonly secrets = new Map<string, string>()
  readonly sql: string[] = []
  deployed = false
  /** Paths that answer as in an outage. */
  broken: RegExp | undefined
  readonly #server: Server

  constructor() {
    this.#server = createServer(async (request, response) => {
      const call = await readCall(request)
      this.calls.push(call)
      const isBroken = this.broken?.test(call.path.replace(/\?.*/, '')) ?? false
      const result = isBroken ? undefined : this.#answer(call)
      const found = result !== undefined
      const error = isBroken
        ? { status: 400, code: 10001, message: 'internal error' }
        : this.#refuse(call.path)
      response.writeHead(found ? 200 : error.status, { 'Content-Type': 'application/json' })
      const errors = found ? [] : [error]
      response.end(JSON.stringify({ success: found, errors, messages: [], result: result ?? null }))
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #answer({ method, path, body }: ApiCall): unknown {
    const route = `${method} ${path.replace(/\?.*/, '').replace(/^\/accounts\/\w+/, '')}`
    switch (route) {
      case 'GET /user/tokens/verify':
        return { id: 'token', status: 'active' }
      case 'GET /accounts':
      case 'GET /memberships':
        return []
      case 'GET /user':
        return { id: 'user', email: 'owner@example.com' }
      case 'GET /d1/database':
        return [...this.databases].map((name) => ({ name, uuid: DATABASE_ID }))
      case 'POST /d1/database': {
        const { name } = JSON.parse(body) as { name: string }
        this.databases.add(name)
        return { name, uuid: DATABASE_ID }
      }
      case 'GET /d1/database/yespo-receiver':
        return this.databases.size > 0 ? { name: 'yespo-receiver', uuid: DATABASE_ID } : undefined
      case `POST /d1/database/${DATABASE_ID}/query`:
        return this.#query(body)
      case 'GET /queues': {
        const wanted = new URL(path, 'http://localhost').searchParams.get('name')
        return [...this.queues]
          .filter((name) => wanted === null || name === wanted)
          .map((name) => ({ queue_name: name, queue_id: name, producers: [], consumers: [] }))
      }
      case 'POST /queues': {
        const { queue_name: name } = JSON.parse(body) as { queue_name: string }
        this.queues.add(name)
        return { queue_name: name, queue_id: name }
      }
      case 'GET /workers/scripts/yespo-receiver/secrets':
        return this.deployed
          ? [...this.secrets.keys()].map((name) => ({ name, type: 'secret_text' }))
          : undefined
      case 'DELETE /workers/scripts/yespo-receiver/secrets/WEBHOOK_LOGIN_PREVIOUS':
      case 'DELETE /workers/scripts/yespo-receiver/secrets/WEBHOOK_PASSWORD_PREVIOUS':
        this.secrets.delete(path.replace(/.*\/|\?.*/g, ''))
        return null
      case 'GET /workers/subdomain':
        return { subdomain: 'example' }
      case 'GET /workers/scripts/yespo-receiver/deployments':
        return { deployments: [] }
      case 'PUT /workers/scripts/yespo-receiver':
        return this.#upload(body)
      case 'GET /workers/workers/yespo-receiver':
        return { id: 'yespo-receiver', subdomain: { enabled: false, previews_enabled: false } }
      case 'PATCH /workers/workers/yespo-receiver':
      case 'POST /workers/scripts/yespo-receiver/subdomain':
        return { enabled: true, previews_enabled: false }
      case 'POST /queues/yespo-activity/consumers':
      case 'POST /queues/yespo-dead-letters/consumers':
      case 'POST /queues/yespo-windows/consumers':
      case 'PUT /workers/scripts/yespo-receiver/schedules':
        return {}
      case 'GET /r2/buckets/yespo-archive':
        return this.buckets.has('yespo-archive') ? { name: 'yespo-archive' } : undefined
      case 'POST /r2/buckets': {
        const { name } = JSON.parse(body) as { name: string }
        if (!this.hasR2 || this.buckets.has(name)) return undefined
        this.buckets.add(name)
        return { name }
      }
      default:
        return undefined
    }
  }

  #refuse(path: string): { status: number; code: number; message: string } {
    if (!path.includes('/r2/buckets')) return { status: 404, code: 10007, message: 'not found' }
    if (!this.hasR2) return { status: 403, code: 10042, message: 'Please enable R2' }
    return this.buckets.size > 0
      ? { status: 409, code: 10004, message: 'The bucket you tried to create already exists' }
      : { status: 404, code: 10006, message: 'The specified bucket does not exist.' }
  }

  #upload(form: string): unknown {
    const [, metadata = '{}'] = /name="metadata"\r\n\r\n(.*)\r\n/.exec(form) ?? []
    const { bindings } = JSON.parse(metadata) as { bindings: Record<string, string>[] }
    for (const { name = '', type, text = '' } of bindings) {
      if (type === 'secret_text') this.secrets.set(name, text)
    }
    this.deployed = true // secrets that are not uploaded again stay, as they do at Cloudflare
    return { id: 'yespo-receiver', startup_time_ms: 5, deployment_id: 'd' }
  }

  #query(body: string): unknown {
    this.sql.push(body)
    return [{ results: [], success: true, meta: {} }]
  }
}

async function readCall(request: IncomingMessage): Promise<ApiCall> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { method = '', url = '' } = request
  return { method, path: url, body: Buffer.concat(chunks).toString('latin1') }
}
