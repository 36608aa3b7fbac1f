import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { LOOPBACKS } from './port.ts'

const RETRY_AFTER = { 'Retry-After': '5' }

/**
 * The receiver's address on this machine. It passes requests on to the runtime, which cannot be kept from
 * accepting more of them: so stopping can begin with that.
 */
export class Front {
  readonly #servers = LOOPBACKS.map(() => createServer((...both) => this.#pass(...both)))
  readonly #open = new Set<ServerResponse>()
  #target: URL | undefined
  #isClosed = false

  /** Listens at the loopback addresses that this machine has. @throws the error of listening */
  async listen(port: number): Promise<void> {
    for (const [index, server] of this.#servers.entries()) {
      server.listen(port, LOOPBACKS[index])
      await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error
      })
    }
  }

  /** Passes requests on from now on. @param target the runtime's own address */
  serve(target: string): void {
    this.#target = new URL(target)
  }

  /** Accepts nothing more, and waits until everything accepted is answered. */
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
    this.#open.add(response)
    response.once('close', () => this.#open.delete(response))
    const { method, url: path, rawHeaders } = incoming
    const { hostname, port } = target
    // A socket of before may be closed by now.
    const options = { hostname, port, method, path, headers: rawHeaders, setHost: false }
    const outgoing = request({ ...options, agent: false })
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders)
      answer.pipe(response)
      answer.on('error', () => response.destroy()) // broken off there, and so here
    })
    outgoing.on('error', () => {
      if (response.headersSent) response.destroy()
      else response.writeHead(502).end('The receiver broke off.\n')
    })
    incoming.on('error', () => outgoing.destroy())
    response.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }
}
