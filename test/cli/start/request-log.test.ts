import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Front } from '../../../src/cli/start/front.ts'
import { RequestLog } from '../../../src/cli/start/request-log.ts'
import { PATIENT } from '../../patience.ts'
import { findFreePort } from '../checkout.ts'

let front: Front
let runtime: Server
let port: number
const lines: string[] = []

beforeEach(async () => {
  lines.length = 0
  vi.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(stripVTControlCharacters(line).replace(/\d+ ms/, 'N ms'))
  })
  runtime = createServer((incoming, response) => {
    response.writeHead(incoming.url === '/missing' ? 404 : 200).end('text')
  }).listen(0, '127.0.0.1')
  await once(runtime, 'listening')
  port = await findFreePort()
  front = new Front(new RequestLog())
  await front.listen(port)
  front.serve(`http://127.0.0.1:${(runtime.address() as AddressInfo).port}`)
})

afterEach(async () => {
  await front.close()
  runtime.close()
  vi.restoreAllMocks()
})

/** Sends a request as a browser does for some part of a page. */
async function send(method: string, path: string, destination?: string): Promise<void> {
  const headers = destination === undefined ? {} : { 'Sec-Fetch-Dest': destination }
  const sent = request({ host: '127.0.0.1', port, method, path, headers }).end()
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream]
  await once(response.resume(), 'end')
}

it('shows requests of programs, visits and forms, without their queries', async () => {
  await send('POST', '/webhooks/yespo')
  await send('POST', '/webhooks/yespo')
  await send('GET', '/contact?name=olena@example.com', 'document')
  await send('POST', '/sign-in', 'document')
  await send('GET', '/missing', 'document')
  const expected = [
    'POST /webhooks/yespo 200 (N ms)',
    'POST /webhooks/yespo 200 (N ms)',
    'GET /contact 200 (N ms)',
    'POST /sign-in 200 (N ms)',
    'GET /missing 404 (N ms)',
  ]
  await expect.poll(() => lines, PATIENT).toEqual(expected)
})

it('does not show the files of a page, what it renews, and what a monitor repeats', async () => {
  await send('GET', '/style.css', 'style')
  await send('GET', '/now?normal=1', 'empty')
  await send('GET', '/recent?after=1', 'empty')
  for (let poll = 0; poll < 3; poll++) await send('GET', '/status')
  await send('GET', '/now', 'empty')
  await send('GET', '/status')
  await send('GET', '/activity')
  const expected = ['GET /status 200 (N ms)', 'GET /activity 200 (N ms)']
  await expect.poll(() => lines, PATIENT).toEqual(expected)
})
