import { expect, it } from 'vitest'
import {
  currentInvocation,
  Invocation,
  killAtCall,
  limitBindings,
  limitFetch,
  limitService,
  memoryR2,
  memoryRateLimit,
  PLANS,
  Runtime,
  VirtualClock,
} from './index.ts'

const clock = new VirtualClock(Date.UTC(2026, 0, 5, 12))
const respond = async () => new Response('ok')
const URL = 'https://other.example.com/'

it('allows an invocation 50 calls outside on the free plan, 10,000 on the paid one', async () => {
  for (const [plan, calls] of [
    ['free', 50],
    ['paid', 10_000],
  ] as const) {
    const limited = limitFetch(respond, new Invocation('fetch', { limits: PLANS[plan] }))
    for (let made = 0; made < calls; made++) await limited(URL)
    await expect(limited(URL)).rejects.toThrow('Too many subrequests by single Worker invocation.')
  }
})

it('allows an invocation 1,000 calls of services, whichever they are', async () => {
  const invocation = new Invocation('fetch')
  const service = limitService({ fetch: respond } as unknown as Fetcher, invocation)
  const bucket = limitBindings({ BUCKET: memoryR2(clock) }, invocation).BUCKET
  for (let made = 0; made < 500; made++) {
    await service.fetch(URL)
    await bucket.head('a')
  }
  await expect(bucket.put('a', 'b')).rejects.toThrow('Too many subrequests')
  await expect(service.fetch(URL)).rejects.toThrow('Too many subrequests')
})

it('counts rate limits against nothing, and limits by key and period', async () => {
  const invocation = new Invocation('fetch')
  const time = new VirtualClock(0)
  const { LIMIT } = limitBindings({ LIMIT: memoryRateLimit(2, 60, time) }, invocation)
  const ask = async (key: string) => (await LIMIT.limit({ key })).success
  expect([await ask('a'), await ask('a'), await ask('a'), await ask('b')]).toEqual([
    true,
    true,
    false,
    true,
  ])
  time.advance(60_000)
  expect(await ask('a')).toBe(true)
  expect(invocation.counts.calls).toBe(0)
})

it('finds the invocation that calls a binding which several share', async () => {
  const seen: unknown[] = []
  const worker: ExportedHandler<{ BUCKET: R2Bucket; NAME: string }> = {
    async fetch(request, { BUCKET, NAME }) {
      const calls = Number(new URLSearchParams(request.url.split('?')[1]).get('calls'))
      for (let made = 0; made < calls; made++) await BUCKET.head(NAME)
      seen.push([calls, currentInvocation()?.counts.calls])
      return new Response()
    },
  }
  const env = { BUCKET: memoryR2(clock), NAME: 'a' }
  const runtime = new Runtime({ clock })
  const get = (calls: number) => runtime.fetch(worker, new Request(`${URL}?calls=${calls}`), env)
  await Promise.all([get(3), get(5)])
  expect(seen).toEqual([
    [3, 3],
    [5, 5],
  ])
})

it('does not let the content of an object be read after a kill', async () => {
  const BUCKET = memoryR2(clock)
  await BUCKET.put('a', 'content')
  const trace: string[] = []
  const worker: ExportedHandler<{ BUCKET: R2Bucket }> = {
    async fetch(_request, env) {
      const object = await env.BUCKET.get('a')
      void env.BUCKET.head('a')
      trace.push((await object?.text()) ?? '')
      return new Response()
    },
  }
  const runtime = new Runtime({ clock, killer: killAtCall(2, 'before') })
  expect((await runtime.fetch(worker, new Request(URL), { BUCKET })).outcome).toBe('killed')
  expect(trace).toEqual([])
})
