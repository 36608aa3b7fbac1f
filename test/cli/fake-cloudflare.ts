import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiError, FakeAccount } from './fake-account.ts'

/** A request that reached Cloudflare's API. */
export type ApiCall = { method: string; path: string; body: string }

/** The response of a URL; a text is the Node.js error code if it cannot be reached. */
export type WebResponse =
  { status: number; headers?: Record<string, string>; body?: string } | string

type Route = [pattern: RegExp, respond: (part: string, call: ApiCall, other: string) => unknown]

/** The receiver's response to GET of the webhook. */
const RECEIVER_RESPONSE = { status: 200, body: '{"status":"ok","send":"POST, a JSON array"}' }

/**
 * The part of Cloudflare that a deploy uses: the API calls of wrangler, for an account in memory, and the URLs of its
 * Workers.
 */
export class FakeCloudflare extends FakeAccount {
  readonly calls: ApiCall[] = []
  readonly sql: string[] = []
  /** Paths that fail as in an outage. */
  broken: RegExp | undefined
  /** Paths that the token has no permission for. */
  denied: RegExp | undefined
  /** The responses of URLs, in order, the last forever; without any, those of their Worker. */
  readonly web = new Map<string, WebResponse[]>()
  readonly browsed: string[] = []
  readonly #server: Server

  constructor() {
    super()
    this.#server = createServer((request, response) => {
      void this.#serve(request, response)
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request)
    if (call.path.startsWith('/web?')) {
      const url = new URL(call.path, 'http://localhost').searchParams.get('url') ?? ''
      const respond = this.#browse(new URL(url))
      if (typeof respond === 'string') response.writeHead(599, { 'Fake-Failure': respond }).end()
      else response.writeHead(respond.status, respond.headers).end(respond.body)
      return
    }
    this.calls.push(call)
    const { status, body } = this.#respond(call)
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #respond(call: ApiCall): { status: number; body: object } {
    try {
      const result = this.#route(call) ?? null
      return { status: 200, body: { success: true, errors: [], messages: [], result } }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const { status, code, message, more } = error
      const errors = [{ code, message, ...(more && { documentation_url: more }) }]
      return { status, body: { success: false, errors, messages: [], result: null } }
    }
  }

  #route(call: ApiCall): unknown {
    const path = call.path.replace(/\?.*/, '')
    if (this.broken?.test(path)) throw new ApiError(400, 10001, 'internal error')
    if (this.denied?.test(path)) throw new ApiError(403, 10000, 'Authentication error')
    const route = `${call.method} ${path.replace(/^\/accounts\/\w+/, '')}`
    for (const [pattern, respond] of [...this.#accountRoutes, ...this.#workerRoutes]) {
      const found = pattern.exec(route)
      if (found) return respond(decodeURIComponent(found[1] ?? ''), call, found[2] ?? '')
    }
    throw new ApiError(404, 7003, `Could not route to ${path}`)
  }

  readonly #accountRoutes: Route[] = [
    [/^GET \/user\/tokens\/verify$/, () => ({ id: 'token', status: 'active' })],
    [/^GET \/(?:accounts|memberships)$/, () => []],
    [/^GET \/user$/, () => ({ id: 'user', email: 'owner@example.com' })],
    [
      /^GET \/zones$/,
      (_, call) => this.zones.flatMap((id) => (query(call, 'name') === id ? { id } : [])),
    ],
    [/^GET \/zones\/[^/]+\/workers\/routes$/, () => []],
    [
      /^GET \/d1\/database$/,
      (_, call) =>
        page(
          call,
          [...this.databases.keys()].map((name) => this.findDatabase(name)),
        ),
    ],
    [
      /^POST \/d1\/database$/,
      (_, { body }) => {
        const { name, jurisdiction } = JSON.parse(body)
        return this.createDatabase(name, jurisdiction)
      },
    ],
    [/^GET \/d1\/database\/([^/]+)$/, (name) => this.findDatabase(name)],
    [
      /^POST \/d1\/database\/([^/]+)\/query$/,
      (id, { body }) => {
        this.findDatabase(id)
        this.sql.push(body)
        return [{ results: [], success: true, meta: {} }]
      },
    ],
    [
      /^GET \/queues$/,
      (_, call) => {
        this.checkQueues()
        const filter = new URL(call.path, 'http://localhost').searchParams.getAll('name')
        const names = [...this.queues.keys()].filter(
          (name) => filter.length === 0 || filter.includes(name),
        )
        return names.map((name) => this.describeQueue(name))
      },
    ],
    [
      /^POST \/queues$/,
      (_, { body }) => {
        const { queue_name: name, jurisdiction } = JSON.parse(body)
        return this.createQueue(name, jurisdiction)
      },
    ],
    [
      /^POST \/queues\/([^/]+)\/consumers$/,
      (id, { body }) => this.addConsumer(id, JSON.parse(body).script_name),
    ],
    [/^PUT \/queues\/([^/]+)\/consumers\/c$/, (id) => void this.findQueue(id)],
    [
      /^GET \/r2\/buckets\/([^/]+)$/,
      (name) => {
        this.checkR2()
        if (!this.buckets.has(name))
          throw new ApiError(404, 10006, 'The specified bucket does not exist.')
        return { name }
      },
    ],
    [
      /^POST \/r2\/buckets$/,
      (_, { body }) => {
        this.checkR2()
        const { name } = JSON.parse(body)
        if (this.buckets.has(name))
          throw new ApiError(
            409,
            10004,
            'The bucket you tried to create already exists, and you own it.',
          )
        this.buckets.set(name, '')
        return { name }
      },
    ],
  ]

  readonly #workerRoutes: Route[] = [
    [
      /^GET \/workers\/subdomain$/,
      () => {
        if (this.subdomain === undefined)
          throw new ApiError(404, 10007, 'workers.api.error.subdomain_not_found')
        return { subdomain: this.subdomain }
      },
    ],
    [
      /^GET \/workers\/services\/([^/]+)$/,
      (name) => {
        const { lastDeployedFrom } = this.findWorker(name)
        const script = { tag: 'tag', tags: [], last_deployed_from: lastDeployedFrom }
        return { default_environment: { environment: 'production', script } }
      },
    ],
    [
      /^GET \/workers\/workers\/([^/]+)$/,
      (name) => ({ id: name, subdomain: this.findWorker(name).subdomain }),
    ],
    [
      /^GET \/workers\/scripts\/([^/]+)\/settings$/,
      (name) => ({ bindings: [], name: this.findWorker(name) && name }),
    ],
    [
      /^GET \/workers\/scripts\/([^/]+)\/secrets$/,
      (name) =>
        [...this.findWorker(name).secrets.keys()].map((secret) => ({
          name: secret,
          type: 'secret_text',
        })),
    ],
    [
      /^DELETE \/workers\/scripts\/([^/]+)\/secrets\/([^/]+)$/,
      (name, _, secret) => void this.findWorker(name).secrets.delete(secret),
    ],
    [
      /^GET \/workers\/scripts\/([^/]+)\/deployments$/,
      (name) => ({ deployments: this.findWorker(name) && [] }),
    ],
    [
      /^PUT \/workers\/scripts\/([^/]+)$/,
      (name, { body }) => {
        this.upload(name, body)
        return { id: name, startup_time_ms: 5, deployment_id: randomUUID().replaceAll('-', '') }
      },
    ],
    [
      /^POST \/workers\/scripts\/([^/]+)\/versions$/,
      (name, { body }) => {
        this.upload(name, body)
        return { id: randomUUID(), startup_time_ms: 5, resources: { script: { etag: 'etag' } } }
      },
    ],
    [/^POST \/workers\/scripts\/([^/]+)\/deployments$/, () => ({ id: randomUUID() })],
    [/^PATCH \/workers\/scripts\/([^/]+)\/script-settings$/, () => ({})],
    [
      /^POST \/workers\/scripts\/([^/]+)\/subdomain$/,
      (name, { body }) => Object.assign(this.findWorker(name).subdomain, JSON.parse(body)),
    ],
    [
      /^PUT \/workers\/scripts\/([^/]+)\/schedules$/,
      (name, { body }) => {
        this.setCrons(
          name,
          JSON.parse(body).map(({ cron }: { cron: string }) => cron),
        )
      },
    ],
    [
      /^PUT \/workers\/scripts\/([^/]+)\/routes$/,
      (name, { body }) => {
        this.findWorker(name).routes = JSON.parse(body).map(
          ({ pattern }: { pattern: string }) => pattern,
        )
      },
    ],
    [
      /^POST \/workers\/scripts\/([^/]+)\/domains\/changeset$/,
      () => ({ added: [], removed: [], updated: [], conflicting: [] }),
    ],
    [
      /^PUT \/workers\/scripts\/([^/]+)\/domains\/records$/,
      (name, { body }) => {
        this.setDomains(
          name,
          JSON.parse(body).origins.map(({ hostname }: { hostname: string }) => hostname),
        )
      },
    ],
  ]

  #browse({ host, pathname, href }: URL): WebResponse {
    this.browsed.push(href)
    const responses = this.web.get(host)
    if (responses) return (responses.length > 1 ? responses.shift() : responses[0]) ?? 'ENOTFOUND'
    const isReached = [...this.workers].some(([name, worker]) => {
      const isItsSubdomain =
        host === `${name}.${this.subdomain}.workers.dev` && worker.subdomain.enabled
      const isItsRoute = worker.routes.some((pattern) => pattern.replace(/\*$/, '') === `${host}/`)
      return isItsSubdomain || isItsRoute || worker.domains.includes(host)
    })
    if (!isReached)
      return host.endsWith('.workers.dev') ? { status: 404, body: 'error code: 1042' } : 'ENOTFOUND'
    return pathname === '/webhooks/yespo' ? RECEIVER_RESPONSE : { status: 404 }
  }
}

function query({ path }: ApiCall, name: string): string | null {
  return new URL(path, 'http://localhost').searchParams.get(name)
}

/** The requested page: wrangler continues until one is not full. */
function page<Item>(call: ApiCall, items: readonly Item[]): Item[] {
  const [size, number] = [Number(query(call, 'per_page')), Number(query(call, 'page'))]
  return items.slice(size * (number - 1), size * number)
}

async function readCall(request: IncomingMessage): Promise<ApiCall> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { method = '', url = '' } = request
  return { method, path: url, body: Buffer.concat(chunks).toString('latin1') }
}
