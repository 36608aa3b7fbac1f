import type { Random } from '../random.ts'
import { drawByShare, drawLogNormal } from './chances.ts'
import type { Delivery, DeliveryLog } from './delivery.ts'

const SECOND_MS = 1_000

/** When a scanner opens the links of a mail, counted from its sending: as in 836 published sweeps. */
const DELAYS = [
  { share: 0.5, from: 1, to: 9 },
  { share: 66, from: 20, to: 59 },
  { share: 33.5, from: 60, to: 1_800 },
]

/** Adds what programs do with a mail before anybody sees it. */
export function addScans(random: Random, delivery: Delivery, log: DeliveryLog): void {
  const { contact, campaign, sentAt } = delivery
  if (contact.scanner === undefined || random.chance(0.1)) return
  const { from, to } = drawByShare(random, DELAYS)
  const begun = sentAt + random.between(from * SECOND_MS, to * SECOND_MS)
  if (contact.scanner === 'images') log.add('READ', begun, { doer: 'hidden machine' })
  if (contact.scanner === 'one link') {
    log.add('CLICKED', begun, { doer: 'hidden machine', link: random.pick(campaign.message.links) })
  }
  if (contact.scanner !== 'all links') return
  log.add('READ', begun, { doer: 'machine' })
  for (const link of campaign.message.links) {
    log.add('CLICKED', begun + random.between(0, 900), { doer: 'machine', link })
  }
}

/** The moments at which somebody clicks so many links, one after another: few are as quick as a machine. */
export function drawClickTimes(random: Random, first: number, count: number): number[] {
  const times = [first]
  const drawPause = choosePace(random)
  let time = first
  while (times.length < count) times.push((time += Math.floor(drawPause())))
  return times
}

function choosePace(random: Random): () => number {
  if (random.chance(0.003)) return () => random.between(300, 900)
  if (random.chance(0.03)) return () => random.between(3_000, 10_000)
  return () => Math.max(2_000, drawLogNormal(random, 40_000, 1.2))
}
