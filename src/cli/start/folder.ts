import { once } from 'node:events'
import { accessSync, constants, mkdirSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fail } from '../wrangler.ts'

const FOLDER = '.wrangler'
const SOCKET =
  process.platform === 'win32'
    ? join('\\\\?\\pipe', process.cwd(), FOLDER)
    : join(FOLDER, 'start.sock')

/** Why the folder cannot be used, and what to do; undefined if no other `npm start` runs in it. */
export async function findFolderError(): Promise<string | undefined> {
  const socket = connect(SOCKET).setEncoding('utf8')
  let owner = ''
  socket.on('data', (chunk) => (owner += chunk))
  const isOwned = await once(socket, 'close').then(
    () => true,
    () => false,
  )
  return isOwned ? `The receiver of this folder already runs ${owner}. Stop it first.` : undefined
}

/**
 * Takes the folder for this process until it ends, even by `kill -9`. Ends the program if the folder cannot be
 * written to.
 *
 * @param url of the receiver, for the next `npm start` that tries
 */
export function claimFolder(url: string): void {
  try {
    mkdirSync(FOLDER, { recursive: true })
    accessSync(FOLDER, constants.W_OK)
    removeSocket() // of one that was killed
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    fail(`The local database cannot be stored: ${FOLDER} is not a writable folder (${code}).`)
  }
  const server = createServer((socket) => {
    socket.on('error', () => {}) // it has ended already
    socket.end(`at ${url} (process ${process.pid})`)
  })
  server.on('error', () => {}) // a file system without sockets
  server.listen(SOCKET).unref()
  process.on('exit', removeSocket)
}

/** Windows does so itself. */
function removeSocket(): void {
  if (process.platform !== 'win32') rmSync(SOCKET, { force: true })
}
