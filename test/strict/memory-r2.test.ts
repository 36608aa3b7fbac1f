import { expect, it } from 'vitest'
import { memoryR2, VirtualClock } from './index.ts'

const bucket = () => memoryR2(new VirtualClock(Date.UTC(2026, 0, 5)))

it('stores, describes, reads in part, and deletes', async () => {
  const r2 = bucket()
  const put = await r2.put('a', 'hello', { httpMetadata: { contentType: 'text/plain' } })
  expect(put).toMatchObject({ key: 'a', size: 5, httpEtag: `"${put.etag}"` })
  expect(await r2.head('a')).toMatchObject({
    etag: put.etag,
    httpMetadata: { contentType: 'text/plain' },
  })
  expect(await (await r2.get('a'))?.text()).toBe('hello')
  expect(await (await r2.get('a', { range: { offset: 1, length: 3 } }))?.text()).toBe('ell')
  expect(await (await r2.get('a', { range: { suffix: 2 } }))?.text()).toBe('lo')
  await expect(r2.get('a', { range: { offset: 6 } })).rejects.toThrow('not satisfiable')
  await r2.delete(['a'])
  expect([await r2.head('a'), await r2.get('a')]).toEqual([null, null])
})

it('writes and reads only if the condition holds', async () => {
  const r2 = bucket()
  const create = () => r2.put('a', 'one', { onlyIf: { etagDoesNotMatch: '*' } })
  const first = await create()
  expect(await create()).toBeNull()
  const etagMatches = first?.etag ?? ''
  expect(await r2.put('a', 'two', { onlyIf: { etagMatches } })).not.toBeNull()
  expect(await r2.put('a', 'three', { onlyIf: { etagMatches } })).toBeNull()
  expect(await r2.get('a', { onlyIf: { etagMatches } })).not.toHaveProperty('text')
  expect(await (await r2.get('a'))?.text()).toBe('two')
})

it('lists by prefix, in pages', async () => {
  const r2 = bucket()
  for (const key of ['b/2', 'a', 'b/1', 'b/3']) await r2.put(key, key)
  const page = await r2.list({ prefix: 'b/', limit: 2 })
  expect(page.objects.map(({ key }) => key)).toEqual(['b/1', 'b/2'])
  expect(page.truncated).toBe(true)
  const rest = await r2.list({ prefix: 'b/', ...(page.truncated && { cursor: page.cursor }) })
  expect(rest.objects.map(({ key }) => key)).toEqual(['b/3'])
  expect((await r2.list({ delimiter: '/' })).delimitedPrefixes).toEqual(['b/'])
})
