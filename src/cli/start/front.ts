import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { LOOPBACKS } from './port.ts'
import type { RequestLog } from './request-log.ts'

const RETRY_AFTER = { 'Retry-After': '5' }

/**
 * A proxy at the receiver's local URL. It passes requests on to the runtime, which itself cannot stop accepting them
 * before it ends.
 */
export class Front {
  readonly #servers = LOOPBACKS.map(() =>
    createServer((incoming, response) => this.#pass(incoming, response)),
  )
  readonly #open = new Set<ServerResponse>()
  #target: URL | undefined
  #isClosed = false
  readonly #log: RequestLog | undefined

  /** @param log shows the requests */
  constructor(log?: RequestLog) {
    this.#log = log
  }

  /** Listens on the loopback addresses of this machine. @throws the error of listening */
  async listen(port: number): Promise<void> {
    for (const [index, server] of this.#servers.entries()) {
      server.listen(port, LOOPBACKS[index])
      await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error
      })
    }
  }

  /** Begins to pass requests on. @param target the runtime's own URL */
  serve(target: string): void {
    this.#target = new URL(target)
  }

  /** Accepts nothing more, and waits until all accepted requests are finished. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const server of this.#servers) {
      server.close()
      server.closeIdleConnections()
    }
    await Promise.all([...this.#open].map((response) => once(response, 'close')))
  }

  #pass(incoming: IncomingMessage, response: ServerResponse): void {
    const target = this.#target
    if (!target || this.#isClosed) {
      const state = this.#isClosed ? 'is stopping' : 'is starting'
      response.writeHead(503, RETRY_AFTER).end(`The receiver ${state}.\n`)
      return
    }
    const begun = performance.now()
    this.#open.add(response)
    response.once('close', () => {
      this.#open.delete(response)
      this.#log?.print(incoming, response.statusCode, performance.now() - begun)
    })
    const { method, url: path, rawHeaders } = incoming
    const { hostname, port } = target
    // An earlier socket may be closed by now.
    const options = { hostname, port, method, path, headers: rawHeaders, setHost: false }
    const outgoing = request({ ...options, agent: false })
    outgoing.on('response', (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.statusMessage, reply.rawHeaders)
      reply.pipe(response)
      reply.on('error', () => response.destroy()) // broken off there, so here, too
    })
    outgoing.on('error', () => {
      if (response.headersSent) response.destroy()
      else response.writeHead(502).end('The receiver failed during the request.\n')
    })
    incoming.on('error', () => outgoing.destroy())
    response.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }
}
