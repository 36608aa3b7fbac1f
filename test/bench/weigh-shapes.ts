import { parseArgs } from 'node:util'
import { SHAPES } from './shapes.ts'
import { weigh } from './weigh.ts'

const USAGE = `Measures the processor time and memory that bodies of many shapes cost the receiver, each in a new
local runtime. Linux only.

node test/bench/weigh-shapes.ts [options]
  --bytes 6900000   length of the bodies
  --only text       only shapes whose names contain this`

const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '6900000' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h' },
  },
})
async function weighAll(bytes: number, only: string): Promise<void> {
  console.log('| shape | response | MB | ms | ms per MB | MB of memory |')
  console.log('| --- | --- | --: | --: | --: | --: |')
  for (const [name, make] of Object.entries(SHAPES)) {
    if (only in SHAPES ? name !== only : !name.includes(only)) continue
    const body = make(bytes)
    const { status, cost } = await weigh(body)
    const megabytes = body.byteLength / 1e6
    const cells = [
      name,
      status,
      megabytes.toFixed(2),
      cost.ms,
      Math.round(cost.ms / Math.max(megabytes, 0.1)),
      Math.round(cost.megabytes),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

if (values.help) console.log(USAGE)
else await weighAll(Number(values.bytes), values.only)
