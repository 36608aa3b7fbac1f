import type { DOCUMENTED_STATUSES } from '../event/certain.ts'
import { Stream, type Attempt } from './stream.ts'
import type { Element } from './traffic.ts'

/** A status that a webhook can report. */
export type Status = (typeof DOCUMENTED_STATUSES)[number]

/** Yespo's form for a webhook. */
export type WebhookForm = {
  name: string
  url: string
  authentication?: { login: string; password: string }
  headers?: readonly { key: string; value: string }[]
  /** All by default. */
  statuses?: readonly Status[]
}

/** A request as it leaves Yespo. */
export type Request = {
  method: string
  url: string
  headers: Record<string, string>
  body?: Buffer
}

/** Sends a request; throws if there is no response. */
export type Transport = (request: Request) => Promise<{ status: number; body: string }>

/** The banner after pressing "Send test". */
export type TestResult = { banner: 'green' | 'red'; code: number | undefined; details: string }

export type Webhook = { id: number; form: WebhookForm; isActive: boolean; stream: Stream }

const MAX_HEADERS = 5

/**
 * The webhooks of a Yespo account: they are created, edited, deactivated and deleted, and what happens to
 * contacts is sent to the active ones, in order. The caller moves time on.
 */
export class Account {
  /** UTC milliseconds. */
  now = 0
  readonly webhooks = new Map<number, Webhook>()
  readonly #transport: Transport
  readonly #onNoResponse: (error: unknown) => undefined
  #lastId = 0

  /** @param onNoResponse is called with the reason; what it throws ends the attempt */
  constructor(transport: Transport, onNoResponse: (error: unknown) => undefined = () => undefined) {
    this.#transport = transport
    this.#onNoResponse = onNoResponse
  }

  /** Saves a new webhook; throws unless the URL answers a GET with 200. */
  async create(form: WebhookForm): Promise<Webhook> {
    await this.#check(form)
    const webhook = { id: ++this.#lastId, form, isActive: true, stream: new Stream() }
    this.webhooks.set(webhook.id, webhook)
    return webhook
  }

  /** Saves changes, which apply to pending requests, too. */
  async edit(webhook: Webhook, changes: Partial<WebhookForm>): Promise<void> {
    const form = { ...webhook.form, ...changes }
    await this.#check(form)
    webhook.form = form
  }

  /** Pauses the webhook: what happens meanwhile is lost, pending requests are sent later. */
  deactivate(webhook: Webhook): void {
    webhook.isActive = false
  }

  reactivate(webhook: Webhook): void {
    webhook.isActive = true
  }

  delete(webhook: Webhook): void {
    this.webhooks.delete(webhook.id)
  }

  /**
   * Queues what happened for every active webhook that reports it.
   * @returns the elements for each of them
   */
  emit(elements: readonly Element[]): Element[][] {
    const sent: Element[][] = []
    for (const { form, isActive, stream } of this.webhooks.values()) {
      if (!isActive) continue
      const reported = elements.filter(
        ({ status }) =>
          status === undefined || !form.statuses || form.statuses.some((each) => each === status),
      )
      if (reported.length === 0) continue
      stream.push(reported)
      sent.push(reported)
    }
    return sent
  }

  /** Sends a body at once, ahead of all pending requests. */
  async sendTest(form: WebhookForm, body: Buffer): Promise<TestResult> {
    checkForm(form)
    try {
      const { status, body: details } = await this.#transport(this.#post(form, body))
      return { banner: status === 200 ? 'green' : 'red', code: status, details }
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error
      return { banner: 'red', code: undefined, details: String(cause) }
    }
  }

  /** Sends the first request of a webhook's stream; only 200 lets the next one follow. */
  async attempt({ form, stream }: Webhook): Promise<Attempt> {
    const body = stream.head
    if (!body) throw new Error('no request is pending')
    const status = await this.#transport(this.#post(form, body)).then(
      (response) => response.status,
      (error: unknown) => this.#onNoResponse(error),
    )
    return stream.record(status, this.now)
  }

  /** The active webhooks with a request that may be sent now. */
  due(): Webhook[] {
    return this.#pending().filter(({ stream }) => stream.nextAttemptAt <= this.now)
  }

  /** When the next request may be sent; undefined if none is pending. */
  nextDueAt(): number | undefined {
    const times = this.#pending().map(({ stream }) => stream.nextAttemptAt)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  #pending(): Webhook[] {
    return [...this.webhooks.values()].filter(({ isActive, stream }) => isActive && stream.head)
  }

  #post(form: WebhookForm, body: Buffer): Request {
    const headers: Record<string, string> = { 'Content-Type': 'application/json' }
    for (const { key, value } of form.headers ?? []) headers[key] = value
    if (form.authentication) {
      const { login, password } = form.authentication
      headers['Authorization'] = `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`
    }
    return { method: 'POST', url: form.url, headers, body }
  }

  async #check(form: WebhookForm): Promise<void> {
    checkForm(form)
    const { url } = form
    const { status } = await this.#transport({ method: 'GET', url, headers: {} })
    if (status !== 200)
      throw new Error(`The webhook could not be set up: ${url} answered ${status}`)
  }
}

function checkForm({ name, headers = [] }: WebhookForm): void {
  if (name.trim() === '') throw new Error('A webhook needs a name')
  if (headers.length > MAX_HEADERS) throw new Error(`Yespo sends at most ${MAX_HEADERS} headers`)
}
