import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A request to the API; names of headers in any case. */
export type ApiRequest = { method: string; url: string; headers: Readonly<Record<string, string>> }

export type ApiResponse = {
  status: number
  headers: Record<string, string>
  body: string
  /** Whether the connection breaks after the body, which is incomplete then. */
  breaksOff: boolean
}

export type Listening = {
  /** Base URL of the API, without a slash at the end. */
  url: string
  /** Stops it, and closes the connections of those who still wait for a response. */
  close: () => Promise<void>
}

/**
 * Serves over HTTP on this machine only.
 *
 * @param port 0 for a free one
 */
export async function serve(
  handle: (request: ApiRequest) => Promise<ApiResponse>,
  port: number,
): Promise<Listening> {
  const server = createServer((request, response) => {
    respond(handle, request, response).catch((error: Error) => response.destroy(error))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening') // rejects if the port is taken
  const address = server.address()
  const chosen = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${chosen}/api`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function respond(
  handle: (request: ApiRequest) => Promise<ApiResponse>,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value)
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1').href
  const {
    status,
    headers: sent,
    body,
    breaksOff,
  } = await handle({
    method: incoming.method ?? 'GET',
    url,
    headers,
  })
  response.writeHead(status, sent)
  if (!breaksOff) response.end(body)
  // What was written has to leave before the connection does.
  else response.write(body, () => response.destroy())
}
