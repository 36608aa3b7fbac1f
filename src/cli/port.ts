import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** What `localhost` stands for: one of them or both, as this machine has it. */
export const LOOPBACKS = ['127.0.0.1', '::1']

/** Why nobody can listen on a port of this machine, and what to do; undefined if it is free. */
export async function findPortError(port: number): Promise<string | undefined> {
  const code = await tryPort(port)
  if (code === 'EADDRINUSE') {
    return `Port ${port} is already in use: stop what runs there, or take another port, such as: npm start -- --port ${await findNext(port)}`
  }
  if (code === undefined) return undefined
  return `Port ${port} cannot be used here (${code}): take another port, such as: npm start -- --port 8787`
}

/** The code of the error of listening; undefined if that works. */
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

/** A port that nobody but this program is likely to take in the next moment. */
export async function chooseFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 60_000)
    if ((await tryPort(port)) === undefined) return port
  }
}

async function findNext(port: number): Promise<number> {
  for (let next = port + 1; next <= 65_535; next++) {
    if ((await tryPort(next)) === undefined) return next
  }
  return 8787
}
