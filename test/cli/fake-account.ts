import { randomUUID } from 'node:crypto'

/** An error of Cloudflare's API, with its original text. */
export class ApiError extends Error {
  readonly status: number
  readonly code: number
  readonly more: string | undefined

  /** @param more the URL of a page with details */
  constructor(status: number, code: number, message: string, more?: string) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
  }
}

/** A Worker: its newest version, its secrets, and its triggers. */
export class FakeWorker {
  lastDeployedFrom: 'wrangler' | 'api' = 'wrangler'
  readonly secrets = new Map<string, string>()
  bindings: Record<string, string>[] = []
  subdomain = { enabled: false, previews_enabled: false }
  crons: string[] = []
  routes: string[] = []
  domains: string[] = []
}

/** The names of the queues in wrangler.toml. */
export const QUEUES = ['yespo-activity', 'yespo-large', 'yespo-dead-letters', 'yespo-tasks']

export type FakeQueue = { jurisdiction?: string; consumer?: string }

/**
 * A Cloudflare account in memory. It starts like one that has been in use, with everything enabled that is needed,
 * but empty.
 */
export class FakeAccount {
  /** Names, each with its jurisdiction if it has one. */
  readonly databases = new Map<string, { uuid: string; jurisdiction: string | null }>()
  readonly queues = new Map<string, FakeQueue>()
  readonly buckets = new Map<string, string>()
  readonly workers = new Map<string, FakeWorker>()
  /** The part before workers.dev; undefined until it is chosen. */
  subdomain: string | undefined = 'example'
  hasQueues = true
  hasR2 = true
  isVerified = true
  /** The limits of the plan, and the number of crons that other Workers use. */
  readonly limits = { databases: 10, crons: 5, otherCrons: 0 }
  /** The error of an upload, if any. */
  uploadError: ApiError | undefined
  /** Hosts of custom domains that have a DNS record, or belong to another account. */
  readonly takenHosts = new Set<string>()
  readonly zones = ['example.com']

  /** Creates what a deploy creates, except for the Worker. */
  fill(jurisdiction?: string): void {
    this.createDatabase('yespo-receiver', jurisdiction)
    for (const name of QUEUES) this.createQueue(name, jurisdiction)
  }

  findDatabase(nameOrId: string) {
    for (const [name, { uuid, jurisdiction }] of this.databases) {
      if (nameOrId === name || nameOrId === uuid) return { name, uuid, jurisdiction }
    }
    throw new ApiError(404, 7404, 'The database could not be found')
  }

  createDatabase(name: string, jurisdiction: string | null = null) {
    if (this.databases.size >= this.limits.databases) {
      throw new ApiError(400, 7406, 'System limit reached: databases per account (10)')
    }
    this.databases.set(name, { uuid: randomUUID(), jurisdiction })
    return this.findDatabase(name)
  }

  createQueue(name: string, jurisdiction?: string) {
    this.checkQueues()
    this.queues.set(name, jurisdiction === undefined ? {} : { jurisdiction })
    return this.describeQueue(name)
  }

  checkQueues(): void {
    if (this.hasQueues) return
    const where = 'https://dash.cloudflare.com/account/workers/queues'
    throw new ApiError(
      403,
      11002,
      `In order to use Queues, you must enable your account at ${where}.`,
    )
  }

  describeQueue(name: string) {
    const { consumer, jurisdiction } = this.queues.get(name) ?? {}
    const consumers =
      consumer === undefined ? [] : [{ type: 'worker', script: consumer, consumer_id: 'c' }]
    return {
      queue_name: name,
      queue_id: `id-of-${name}`,
      producers: [],
      producers_total_count: 0,
      consumers,
      consumers_total_count: consumers.length,
      ...(jurisdiction !== undefined && { jurisdiction }),
    }
  }

  findQueue(id: string): [string, FakeQueue] {
    const found = [...this.queues].find(([name]) => `id-of-${name}` === id)
    if (!found) throw new ApiError(404, 11000, 'Queue does not exist.')
    return found
  }

  addConsumer(id: string, worker: string): void {
    const [name, queue] = this.findQueue(id)
    if (queue.consumer !== undefined) {
      throw new ApiError(409, 11004, `Queue '${name}' (UUID '${id}') already has a consumer.`)
    }
    queue.consumer = worker
  }

  findWorker(name: string): FakeWorker {
    const worker = this.workers.get(name)
    if (!worker) throw new ApiError(404, 10007, 'This Worker does not exist on your account.')
    return worker
  }

  checkR2(): void {
    if (!this.hasR2)
      throw new ApiError(403, 10042, 'Please enable R2 through the Cloudflare Dashboard.')
  }

  /** @param form multipart, as sent, with the bindings in its part `metadata` */
  upload(name: string, form: string): void {
    if (!this.isVerified)
      throw new ApiError(403, 10034, 'workers.api.error.email_verification_required')
    if (this.uploadError) throw this.uploadError
    if (this.subdomain === undefined) this.rejectWithoutSubdomain()
    const [, metadata = '{}'] = /name="metadata"\r\n\r\n(.*)\r\n/.exec(form) ?? []
    const { bindings = [] } = JSON.parse(metadata) as { bindings?: Record<string, string>[] }
    const worker = this.workers.get(name) ?? new FakeWorker()
    worker.bindings = bindings
    worker.lastDeployedFrom = 'wrangler'
    for (const { name: secret = '', type, text = '' } of bindings) {
      if (type === 'secret_text') worker.secrets.set(secret, text)
    }
    this.workers.set(name, worker) // like Cloudflare, keeps secrets that are not uploaded again
  }

  setCrons(name: string, crons: string[]): void {
    if (this.subdomain === undefined) this.rejectWithoutSubdomain()
    const others = [...this.workers].filter(([other]) => other !== name)
    const used = others.reduce(
      (sum, [, worker]) => sum + worker.crons.length,
      this.limits.otherCrons,
    )
    if (used + crons.length > this.limits.crons) {
      throw new ApiError(
        400,
        10072,
        'This account has reached the Workers Free limit of 5 cron triggers per account. Upgrade to Workers Paid to increase this limit to 1,000: https://dash.cloudflare.com/account/workers/plans',
        'https://developers.cloudflare.com/workers/platform/limits/#account-plan-limits',
      )
    }
    this.findWorker(name).crons = crons
  }

  setDomains(name: string, hosts: string[]): void {
    for (const host of hosts) {
      if (this.takenHosts.has(host)) {
        throw new ApiError(
          409,
          100117,
          `Hostname '${host}' already has externally managed DNS records (A, CNAME, etc). Either delete them first or try a different hostname.`,
        )
      }
    }
    this.findWorker(name).domains = hosts
  }

  private rejectWithoutSubdomain(): never {
    throw new ApiError(
      403,
      10063,
      'You need a workers.dev subdomain in order to proceed. Please go to the dashboard and open the Workers menu. Opening the Workers landing page for the first time will create a workers.dev subdomain automatically.',
    )
  }
}
