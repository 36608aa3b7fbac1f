import { parseCount, parseTime } from '../options.ts'
import { findStart } from '../../simulator/period.ts'

/** Options of every program that simulates traffic: with the same options all simulate the same. */
export const TRAFFIC_OPTIONS = {
  events: { type: 'string', default: '10000' },
  seed: { type: 'string', default: '1' },
  start: { type: 'string' },
} as const

export const TRAFFIC_USAGE = `
  --events N               number of events (10000)
  --seed S                 the same seed makes the same events (1)
  --start TIME             time of the first event, such as 2026-11-01 (by default, the last event
                           happens right before today, UTC)`

type Traffic = { events: number; seed: number; start: number }

/** Ends the program if an option is invalid. */
export function readTraffic(values: {
  events: string
  seed: string
  start?: string | undefined
}): Traffic {
  const events = parseCount('--events', values.events)
  const seed = parseCount('--seed', values.seed)
  const start = values.start === undefined ? undefined : parseTime('--start', values.start)
  return { events, seed, start: start ?? findStart(seed, events, Date.now()) }
}

/** The options that simulate the same events on any day. */
export function describeTraffic({ events, seed, start }: Traffic): string {
  return `--events ${events} --seed ${seed} --start ${new Date(start).toISOString()}`
}
