import { buildCampaign, type Campaign } from './campaign.ts'
import { makePoison } from './poison.ts'
import { Random } from './random.ts'

/** An element of a body as it is sent: JSON text, or bytes that are not. */
export type Element = {
  /** Undefined for poison without one. */
  status?: string
  bytes: Buffer
  /** Whether the receiver has to quarantine it. */
  isPoison: boolean
}

export type TrafficOptions = {
  seed: number
  /** Not counting poison. */
  events: number
  /** Poison elements per event, 0 to 1. */
  poison: number
  /** When the first happens: UTC milliseconds. */
  start?: number
}

const MAX_BODY_ELEMENTS = 1_000
const MINUTE = 60_000

/** Events of the same moment, and when Yespo reports them: UTC milliseconds. */
type Timed = { reportedAt: number; group: object[] }

/**
 * Traffic as Yespo reports it, a body at a time: broadcasts and workflows on all channels, each delivery with
 * what follows from it, mostly in order of time, some of it late or out of order. What has to stay in one body
 * (equal clicks of one second) does.
 */
export function* makeTraffic({
  seed,
  events,
  poison,
  start,
}: TrafficOptions): Generator<Element[]> {
  const random = new Random(seed)
  const poisonRandom = random.fork()
  let time = start ?? Date.UTC(2026, 0, 5, 7)
  let left = events
  let pending: Timed[] = [] // what has happened in all campaigns and is not reported yet
  for (let index = 0; left > 0 || pending.length > 0; index++) {
    if (left > 0) {
      const campaign = buildCampaign(random, time, index)
      const timed = makeCampaignEvents(random, campaign, time, left)
      left -= timed.reduce((sum, { group }) => sum + group.length, 0)
      pending = [...pending, ...timed].sort((a, b) => a.reportedAt - b.reportedAt)
      time += random.between(5 * MINUTE, 600 * MINUTE)
    }
    const isReported = ({ reportedAt }: Timed) => left === 0 || reportedAt < time
    for (const groups of cut(random, pending.filter(isReported))) {
      yield addPoison(poisonRandom, groups.flat().map(toElement), poison)
    }
    pending = pending.filter((timed) => !isReported(timed))
  }
}

function addPoison(random: Random, elements: readonly Element[], share: number): Element[] {
  const mixed = [...elements]
  for (const _each of elements) {
    if (!random.chance(share)) continue
    const poison = { bytes: makePoison(random), isPoison: true }
    mixed.splice(random.between(0, mixed.length), 0, poison)
  }
  return mixed
}

function makeCampaignEvents(
  random: Random,
  campaign: Campaign,
  time: number,
  max: number,
): Timed[] {
  const deliveries = random.chance(0.2) ? random.between(200, 3_000) : random.between(1, 100)
  const timed: Timed[] = []
  let events = 0
  for (let i = 0; i < deliveries && events < max; i++) {
    for (const { happenedAt, group } of campaign.deliver(
      random,
      time + random.between(0, 20 * MINUTE),
    )) {
      if (events + group.length > max) break
      events += group.length
      const late = random.chance(0.02) ? random.between(MINUTE, 2_000 * MINUTE) : 0
      timed.push({ reportedAt: happenedAt + random.between(0, 3_000) + late, group })
    }
  }
  return timed
}

/** Cuts what is reported into bodies of 1 to 1,000 elements, small ones far more often. */
function* cut(random: Random, timed: readonly Timed[]): Generator<object[][]> {
  let body: object[][] = []
  let [size, room] = [0, drawSize(random)]
  for (const { group } of timed) {
    if (size > 0 && size + group.length > room) {
      yield body
      body = []
      ;[size, room] = [0, drawSize(random)]
    }
    body.push(group)
    size += group.length
  }
  if (size > 0) yield body
}

function drawSize(random: Random): number {
  if (random.chance(0.3)) return random.between(1, 5)
  return random.chance(0.9) ? random.between(5, 150) : random.between(150, MAX_BODY_ELEMENTS)
}

function toElement(event: object): Element {
  const { activityStatus } = event as { activityStatus: string }
  return { status: activityStatus, bytes: Buffer.from(JSON.stringify(event)), isPoison: false }
}

/** A body of elements, byte for byte. */
export function joinBody(elements: readonly Element[]): Buffer {
  const parts = elements.flatMap(({ bytes }, index) => (index === 0 ? [bytes] : [COMMA, bytes]))
  return Buffer.concat([OPEN, ...parts, CLOSE])
}

const [OPEN, COMMA, CLOSE] = ['[', ',', ']'].map((text) => Buffer.from(text)) as [
  Buffer,
  Buffer,
  Buffer,
]
