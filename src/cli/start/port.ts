import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** The addresses of `localhost`: this machine has one or both. */
export const LOOPBACKS = ['127.0.0.1', '::1']

/**
 * Why a port of this machine cannot be used, and what to do; undefined if it is free.
 *
 * @param command that takes another one with --port
 */
export async function findPortError(port: number, command: string): Promise<string | undefined> {
  const code = await tryPort(port)
  if (code === 'EADDRINUSE') {
    return `Port ${port} is already in use. Stop the program that uses it, or choose another port: ${command} -- --port ${await findNext(port)}`
  }
  if (code === undefined) return undefined
  return `Port ${port} cannot be used here (${code}). Choose another port: ${command} -- --port 8787`
}

/** The error code of listening; undefined if that works. */
async function tryPort(port: number): Promise<string | undefined> {
  for (const host of LOOPBACKS) {
    const server = createServer()
    try {
      server.listen(port, host)
      await once(server, 'listening')
      server.close()
      await once(server, 'close')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const isAbsent = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' // a machine without IPv6
      if (!isAbsent) return code ?? String(error)
    }
  }
  return undefined
}

/** A port that no other program is likely to use in the next moment. */
export async function chooseFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768) // above, systems take ports for outgoing connections
    if ((await tryPort(port)) === undefined) return port
  }
}

async function findNext(port: number): Promise<number> {
  for (let next = port + 1; next <= 65_535; next++) {
    if ((await tryPort(next)) === undefined) return next
  }
  return 8787
}
