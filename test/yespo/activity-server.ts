import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { ApiAnswer, ApiRequest } from './activity-api.ts'

/** Something that listens. */
export type Listening = {
  /** The base of the API's addresses, without a slash at the end. */
  url: string
  /** Ends it, and the connections of those who still wait for an answer. */
  close: () => Promise<void>
}

/**
 * Serves over HTTP on this machine alone.
 *
 * @param port a free one where it is 0
 */
export async function serve(
  answer: (request: ApiRequest) => Promise<ApiAnswer>,
  port: number,
): Promise<Listening> {
  const server = createServer((request, response) => {
    respond(answer, request, response).catch((error: Error) => response.destroy(error))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening') // rejects where the port is taken
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
  answer: (request: ApiRequest) => Promise<ApiAnswer>,
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
  } = await answer({
    method: incoming.method ?? 'GET',
    url,
    headers,
  })
  response.writeHead(status, sent)
  if (!breaksOff) response.end(body)
  // What was written has to leave before the connection does.
  else response.write(body, () => response.destroy())
}
