import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import * as kv from '../../src/db/kv.ts'
import { Crashing } from '../archive/crashing.ts'
import { MINUTE } from './operator.ts'
import { runMaintenance } from '../../src/schedule.ts'

const lease = () => kv.get(env.DB, 'check.until')
const lastCheck = () => kv.get(env.DB, 'check.last')

afterEach(() => vi.useRealTimers())

it.each([0, 15, 30, 24 * 60])(
  'checks scheduled %i minutes apart that start together do not repeat work',
  async (apart) => {
    const now = Date.now()
    vi.useFakeTimers({ now, toFake: ['Date'] })
    const planned = now - 2 * 24 * 60 * MINUTE
    const crashing = new Crashing({ call: 3, when: 'before', isKill: true })
    const first = runMaintenance({ ...env, DB: crashing.database(env.DB) }, planned)
    await Promise.race([crashing.killed, first])
    const own = await lease()
    expect(own).not.toBeNull()
    await runMaintenance(env, planned + apart * MINUTE)
    expect([await lease(), await lastCheck()]).toEqual([own, null])
    vi.setSystemTime(now + 10 * MINUTE)
    await runMaintenance(env, planned + apart * MINUTE)
    expect(await lease()).toBeNull()
    expect(await lastCheck()).not.toBeNull()
  },
)
