import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

/**
 * Takes the place of wrangler's program: has `warm-server.ts` run a command. What needs a terminal, or a process of its
 * own, goes to the real program.
 *
 * @param socketPath of the server @param real the path of wrangler's program
 */
export function runCommand(socketPath: string, real: string): void {
  const args = process.argv.slice(2)
  if (process.stdin.isTTY || args[0] === 'dev') {
    const child = spawn(process.execPath, [real, ...args], { stdio: 'inherit' })
    child.on('exit', (code) => (process.exitCode = code ?? 1))
    return
  }
  process.exitCode = 1 // unless the server says otherwise
  const socket = connect(socketPath)
  createInterface({ input: socket }).on('line', (line) => {
    const { stream, text, code } = JSON.parse(line)
    if (code === undefined) process[stream as 'stdout' | 'stderr'].write(text)
    else process.exitCode = code
  })
  socket.write(`${JSON.stringify({ args, folder: process.cwd(), env: process.env })}\n`)
}
