/**
 * Loaded into a program before its own code: redirects its web requests to the test's fake Cloudflare, at the URL in
 * FAKE_WEB.
 */
export {}

const realFetch = globalThis.fetch

async function fakeFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input)
  if (url.hostname === '127.0.0.1') return realFetch(input, init)
  const through = `${process.env['FAKE_WEB']}/web?url=${encodeURIComponent(url.href)}`
  const response = await realFetch(through, init)
  const code = response.headers.get('Fake-Failure')
  if (code === null) return response
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
}

Object.assign(globalThis, { fetch: fakeFetch })
