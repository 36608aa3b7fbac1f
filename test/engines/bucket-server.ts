import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { RestStub } from '../archive/table/rest-stub.ts'

/** Serves a bucket for reading, with the protocol of S3 and R2, below its name; and a catalog below `/catalog`. */
export class BucketServer {
  readonly #server: Server
  readonly #bucket: R2Bucket
  readonly #name: string
  readonly #catalog: RestStub | undefined
  /** The bytes of the bucket that were sent. */
  sent = 0

  constructor(bucket: R2Bucket, name: string, catalog?: RestStub) {
    this.#bucket = bucket
    this.#name = name
    this.#catalog = catalog
    this.#server = createServer((request, response) => void this.#respond(request, response))
  }

  /** Starts it, and returns its URL. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://bucket')
    const key = decodeURIComponent(pathname).slice(`/${this.#name}/`.length)
    if (pathname.startsWith('/catalog/')) await this.#askCatalog(request, response)
    else if (key === '') await this.#list(searchParams.get('prefix') ?? '', response)
    else await this.#read(key, request, response)
  }

  async #askCatalog(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '', headers } = request
    const body = await buffer(request)
    const asked = await this.#catalog?.fetch(`http://bucket${url}`, {
      method,
      headers: { Authorization: headers.authorization ?? '' },
      body: body.length > 0 ? new Uint8Array(body) : null,
    })
    response.writeHead(asked?.status ?? 404, { 'Content-Type': 'application/json' })
    response.end(await asked?.text())
  }

  async #list(prefix: string, response: ServerResponse): Promise<void> {
    const { objects } = await this.#bucket.list({ prefix })
    const contents = objects.map(
      ({ key, size, uploaded, etag }) =>
        `<Contents><Key>${key}</Key><LastModified>${uploaded.toISOString()}</LastModified><ETag>"${etag}"</ETag><Size>${size}</Size></Contents>`,
    )
    response.writeHead(200, { 'Content-Type': 'application/xml' })
    response.end(
      `<ListBucketResult><Name>${this.#name}</Name><KeyCount>${objects.length}</KeyCount><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`,
    )
  }

  async #read(key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const object = await this.#bucket.get(key)
    if (!object) {
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
      return
    }
    const content = new Uint8Array(await object.arrayBuffer())
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const start = Number(first ?? 0)
    const part = content.subarray(start, last ? Number(last) + 1 : content.length)
    const range = `bytes ${start}-${start + part.length - 1}/${content.length}`
    response.writeHead(first === undefined ? 200 : 206, {
      'Content-Length': part.length,
      ...(first !== undefined && { 'Content-Range': range }),
      ETag: object.httpEtag,
      'Last-Modified': object.uploaded.toUTCString(),
    })
    if (request.method === 'HEAD') response.end()
    else {
      this.sent += part.length
      response.end(part)
    }
  }
}
