import { parseArgs } from 'node:util'
import { SHAPES } from './shapes.ts'
import { weigh } from './weigh.ts'

const USAGE = `What bodies of any shape cost the receiver: processor time and memory of the local runtime, each in
a runtime of its own. Linux only.

node test/bench/weigh-shapes.ts [options]
  --bytes 6900000   how long they are
  --only text       only shapes whose names have this in them`

const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '6900000' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h' },
  },
})
async function weighAll(bytes: number, only: string): Promise<void> {
  console.log('| shape | answer | MB | ms | ms a MB | MB of memory |')
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
