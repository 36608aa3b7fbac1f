import { expect, it } from 'vitest'
import { warmUp } from '../../src/ingest/warm-up.ts'

it('prepares valid events, as these take another path than invalid ones', async () => {
  expect(await warmUp()).toBe(50)
})
