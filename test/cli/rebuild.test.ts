import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Checkout } from './checkout.ts'

type FakeResponse = { status: number; body: object; headers?: Record<string, string> }

let checkout: Checkout
let receiver: Server
let requests: string[]
let responses: FakeResponse[]

beforeEach(async () => {
  checkout = new Checkout()
  requests = []
  responses = [{ status: 200, body: { events: 3, next: null } }]
  receiver = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    const { status, body, headers } = responses.shift() ?? { status: 500, body: {} }
    response.writeHead(status, headers).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => receiver.listen(0, 'localhost', resolve))
})

afterEach(() => {
  receiver.close()
  checkout.remove()
})

async function rebuild(secrets: string, env: Record<string, string> = {}) {
  writeFileSync(join(checkout.folder, '.dev.vars'), secrets)
  const url = `http://localhost:${(receiver.address() as AddressInfo).port}`
  const unset = { READ_TOKEN: '', OPERATE_TOKEN: '' }
  const program = checkout.run('src/cli/rebuild.ts', ['--url', url], { ...unset, ...env })
  return { code: await program.done, output: program.output }
}

it.each([
  ['READ_TOKEN="read"\n', {}, 'read'],
  ['READ_TOKEN="read"\nOPERATE_TOKEN=""\n', {}, 'read'],
  ['READ_TOKEN="read"\nOPERATE_TOKEN="operate"\n', {}, 'operate'],
  ['READ_TOKEN="read"\nOPERATE_TOKEN="operate"\n', { OPERATE_TOKEN: 'other' }, 'other'],
  ['', { READ_TOKEN: 'other' }, 'other'],
  ['READ_TOKEN="Olena: read\nTaras: other"\n', {}, 'read'],
])('uses OPERATE_TOKEN if it is set: %j %j', async (secrets, env, token) => {
  expect((await rebuild(secrets, env)).code).toBe(0)
  expect(requests).toEqual([`POST /rebuild Bearer ${token}`])
})

it('runs step after step, and pauses on request', async () => {
  const pause = { status: 429, body: {}, headers: { 'Retry-After': '0' } }
  responses = [{ status: 200, body: { events: 1_000, next: 7 } }, pause, ...responses]
  const { code, output } = await rebuild('READ_TOKEN="read"\n')
  expect(code).toBe(0)
  expect(requests.map((line) => line.split(' ')[1])).toEqual([
    '/rebuild',
    '/rebuild?since=7',
    '/rebuild?since=7',
  ])
  expect(output).toMatch(/is busy, waiting[^]*1,003 events counted/)
})

it.each([
  ['', /no OPERATE_TOKEN or READ_TOKEN in \.dev\.vars/],
  ['READ_TOKEN="guess"\n', /The receiver responded 401/],
])('exits with 1 for %j', async (secrets, expected) => {
  responses = [{ status: 401, body: {} }]
  const { code, output } = await rebuild(secrets)
  expect(code).toBe(1)
  expect(output).toMatch(expected)
})
