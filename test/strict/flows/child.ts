/** A process that fills the states, or runs flows, each in a new isolate. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calibrate } from '../index.ts'
import { threadCpu } from '../node.ts'
import { clock } from './clock.ts'
import { fill } from './fill.ts'
import { Isolate } from './isolate.ts'
import type { Flow, FlowRequest, Job, Measured, Run, Used } from './job.ts'

const MAX_SERIES = 5_000
const SCHEDULE_MS = 5 * 60_000

const [jobFile = '', resultFile = ''] = process.argv.slice(2)
const job = JSON.parse(readFileSync(jobFile, 'utf8')) as Job
console.info = console.log = console.warn = () => {}
if (process.env['FLOW_LOG'] === undefined) console.error = () => {}

if (job.task === 'fill') await fill(job)
else {
  const measured: Measured[] = []
  for (const each of job.runs) measured.push(await run(job, each))
  writeFileSync(resultFile, JSON.stringify(measured))
}

async function run(job: Job, { flow, plan, repeats }: Run): Promise<Measured> {
  const isolate = await Isolate.start(job, plan, flow.vars)
  const restore = () => isolate.world.restore(join(job.folder, flow.state))
  await restore()
  const invoke = async () => {
    if (flow.begins === 'queue') return { used: await isolate.deliver(), body: '' }
    if (flow.begins === 'schedule') return { used: await isolate.runSchedule(), body: '' }
    return isolate.request(flow.begins, job.folder)
  }
  const { used: cold, body } = await invoke()
  if (!cold) throw new Error(`${flow.name}: there is nothing to deliver`)
  const warm: Used[] = []
  if (flow.goesOn !== undefined) {
    for await (const used of goOn(isolate, flow, body)) warm.push(used)
  } else {
    for (let turn = 0; turn < repeats; turn++) {
      await restore()
      const { used } = await invoke()
      if (used) warm.push(used)
    }
  }
  return { loadUs: isolate.loadUs, slowness: calibrate(threadCpu).slowness, cold, warm }
}

async function* goOn(isolate: Isolate, flow: Flow, firstBody: string): AsyncGenerator<Used> {
  let body = firstBody
  for (let turn = 0; turn < MAX_SERIES; turn++) {
    if (flow.goesOn === 'next') {
      const next = (JSON.parse(body) as { next?: string | null }).next ?? undefined
      if (next === undefined) return
      const request = flow.begins as FlowRequest
      const followed = await isolate.request({ ...request, path: withCursor(request.path, next) })
      body = followed.body
      yield followed.used
      continue
    }
    const used = await isolate.deliver()
    if (used) yield used
    else if (flow.goesOn === 'queue' || (await countLeft(isolate, flow)) === 0) return
    else {
      clock.advance(SCHEDULE_MS)
      yield await isolate.runSchedule()
    }
  }
  throw new Error(`${flow.name} never ends`)
}

function withCursor(path: string, cursor: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`
}

async function countLeft({ world }: Isolate, { left = 'SELECT 0' }: Flow): Promise<number> {
  const [count] = Object.values(world.database.prepare(left).get() ?? {})
  return Number(count)
}
