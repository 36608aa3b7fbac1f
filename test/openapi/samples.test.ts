import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { OPERATIONS, PAGE } from './documentation.ts'

type Sent = ReturnType<typeof describe>

const folder = mkdtempSync(join(tmpdir(), 'samples-'))
let sent: Sent[] = []

function describe(request: IncomingMessage, body: string) {
  const { method = '', url = '', headers } = request
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const { authorization, accept, 'content-type': type } = headers
  return { method, pathname, query: [...searchParams], authorization, accept, type, body }
}

const server = createServer((request, response) => {
  void text(request).then((body) => {
    sent.push(describe(request, body))
    response.end('{}')
  })
})

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
beforeEach(() => {
  sent = []
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
}

/** The samples of all operations as a person copies them, but for requests to the test's server. */
function listSamples(language: string): string[] {
  const { port } = server.address() as AddressInfo
  return OPERATIONS.map(({ operationId }) => {
    const [, operation = ''] = PAGE.split(`<div class="operation" id="${operationId}">`)
    const [, sample = ''] = operation.split(`<pre class="sample ${language}">`)
    const [code = ''] = sample.split('</pre>')
    return code
      .replace(/<[^>]*>/g, '')
      .replace(/&(?:\w+|#39);/g, (entity) => ENTITIES[entity] ?? entity)
      .replaceAll('__ORIGIN__', `http://127.0.0.1:${port}`)
  })
}

const LOGIN = `Basic ${btoa('WEBHOOK_LOGIN:WEBHOOK_PASSWORD')}`
const AUTHORIZATION: Readonly<Record<string, string>> = {
  readToken: 'Bearer READ_TOKEN',
  operateToken: 'Bearer OPERATE_TOKEN',
  webhookLogin: LOGIN,
}

/** The requests of the documented examples. */
const expected = OPERATIONS.map(({ path, method, security, parameters, ...operation }) => {
  const given = parameters.filter(({ example }) => example !== undefined)
  const inPath = given.find((parameter) => parameter.in === 'path')
  const inQuery = given.filter((parameter) => parameter.in === 'query')
  const [scheme = ''] = security.flatMap((each) => Object.keys(each))
  const body = operation.requestBody?.content['application/json'].example
  const isOneOf = Object.keys(operation.responses[200].content).length > 1
  return {
    method: method.toUpperCase(),
    pathname: path.replace(/\{\w+\}/, String(inPath?.example)),
    query: inQuery.map(({ name, example }) => [name, String(example)]),
    authorization: AUTHORIZATION[scheme],
    accept: isOneOf ? 'application/json' : expect.anything(),
    type: body === undefined ? undefined : 'application/json',
    body: body === undefined ? '' : JSON.stringify(body),
  }
})

const run = promisify(execFile)

async function isInstalled(command: string, ...args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  )
}

it('there is an example of each operation', () => {
  for (const language of ['curl', 'fetch', 'python', 'php']) {
    expect(listSamples(language).filter((sample) => sample === '')).toEqual([])
  }
  expect(PAGE).not.toMatch(/\{(?:url|type)\}/)
})

it('curl sends the examples as given', async () => {
  await run('sh', ['-ec', listSamples('curl').join('\n')], { cwd: folder })
  expect(sent).toEqual(expected)
})

it('fetch sends the examples as given', async () => {
  const blocks = listSamples('fetch').map((sample) => `{\n${sample}\n}`)
  await run(process.execPath, ['--input-type=module', '-e', blocks.join('\n')], { cwd: folder })
  expect(sent).toEqual(expected)
})

it('Python sends the examples as given', async ({ skip }) => {
  if (!(await isInstalled('python3', '-c', 'import requests'))) skip('needs python3 with requests')
  await run('python3', ['-c', listSamples('python').join('\n')], { cwd: folder })
  expect(sent).toEqual(expected)
})

it('PHP sends the examples as given', async ({ skip }) => {
  if (!(await isInstalled('php', '--version'))) skip('needs php')
  const code = listSamples('php').map((sample) => sample.replace('<?php', ''))
  await run('php', ['-r', code.join('\n')], { cwd: folder })
  expect(sent.map(({ accept: _accept, ...request }) => request)).toEqual(
    expected.map(({ accept: _accept, ...request }) => request),
  )
})
