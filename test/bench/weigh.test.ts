import { describe, expect, it } from 'vitest'
import { SHAPES } from './shapes.ts'
import { weigh } from './weigh.ts'

const BYTES = 7_000_000 // the default of MAX_BODY_BYTES
const MAX_MS_PER_MB = 400
const MAX_MEGABYTES = 110 // of 128 in an isolate; measured alone, no shape takes more than 100

// The most expensive shape of each kind. Processor time is measured, so other work on the machine does not matter.
const WORST = [
  'events with Cyrillic and emoji',
  'small events with the last column',
  'events of 4,900 fractions',
  'one object of fractions',
  'empty objects',
  'levels that never close',
  'gzip of 200 megabytes',
]

describe.runIf(process.platform === 'linux')('the largest body', () => {
  it.each(WORST)('may be %s', { timeout: 300_000 }, async (name) => {
    const body = SHAPES[name]?.(BYTES) ?? Buffer.alloc(0)
    expect(body.length).toBeGreaterThan(100_000)
    const { status, cost } = await weigh(body)
    expect(status).toMatch(/^(200|400$|413$)/)
    expect(cost.ms).toBeLessThan((MAX_MS_PER_MB * body.length) / 1e6)
    expect(cost.megabytes).toBeLessThan(MAX_MEGABYTES)
  })
})
