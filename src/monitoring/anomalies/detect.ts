import { listSignals, type Kind, type Signal } from './rules.ts'
import type { Group, Timeline } from './series.ts'
import { deviation, findNormal, type Normal, type Span } from './statistics.ts'

/** Something abnormal in a channel or at a provider. Hours and quarters of an hour are counted from 1970, in UTC. */
export type Anomaly = {
  kind: Kind
  channel: string
  /** Null for the whole channel. */
  provider: string | null
  /** The hour in which it began, and for bounces the quarter. */
  sinceHour: number
  sinceQuarter: number
  /** The hour at whose end it was certain. */
  foundAt: number
  /** The last hour that shows it. */
  lastHour: number
  /** Whether it is over. */
  isOver: boolean
  /** What was counted since it began, out of how many: attempts, deliveries; for a drop, how many are normal. */
  count: number
  of: number
  normal: Normal
  /** The cause of most of the bounces. */
  cause: string | null
}

/** Hours to learn from before the first one that is judged: four weeks. */
export const LEARNED_HOURS = 28 * 24
const MIN_LEARNED_HOURS = 7 * 24

const MAX_SPAN = 24 // hours that are judged together: a small provider needs a day
const FORGET_HOURS = 24 // an anomaly that nothing has shown for so long is over
const MAX_HOURS = 14 * 24 // after that, it is normal
const MANY_PROVIDERS = 3 // of a channel bounce at the same time: it is the channel

/** Of the deviation that starts an anomaly, what continues it. */
const CONTINUES = 0.5
/** Standard deviations towards normal that end it. */
const ENDS = 2

// Some bounces come long after the attempt: so many of what bounces, at most, within so many hours.
const LATE_CAUSES: ReadonlySet<string | null> = new Set([
  'greylisted',
  'mailboxFull',
  'smsNotReachable',
  'timeout',
  'unknown',
])
const LATE_SHARE = 0.25
const LATE_HOURS = 30

/** More is not explained by a list, but by something that happens to the others, too. */
const MAX_RISE = 4

/** A span that is not normal. */
type Finding = Span & { signal: Signal; normal: Normal; deviation: number }

/**
 * Judges hours one after the other.
 *
 * @param before the anomalies of the hours before, which may go on
 * @param judged the hours to judge; those before are only learned from
 */
export function findAnomalies(
  timeline: Timeline,
  judged: Span,
  before: readonly Anomaly[] = [],
): Anomaly[] {
  const detector = new Detector(timeline, before)
  for (let hour = judged.first; hour < judged.end; hour++) detector.judge(hour)
  return detector.anomalies
}

class Detector {
  readonly anomalies: Anomaly[]
  readonly #groups: readonly Group[]
  readonly #signals: readonly Signal[]
  readonly #firstHour: number
  readonly #normals = new Map<Signal, { day: number; normal: Normal | undefined }>()

  constructor(timeline: Timeline, before: readonly Anomaly[]) {
    this.anomalies = before.map((anomaly) => ({ ...anomaly }))
    this.#groups = timeline.groups
    this.#signals = listSignals(timeline)
    this.#firstHour = findFirstHour(timeline)
  }

  judge(hour: number): void {
    // Nothing has come in at all, of which another alert notifies.
    if (this.#groups.every((group) => group.attempted.at(hour) + group.read.at(hour) === 0)) return
    const found: Finding[] = []
    for (const signal of this.#signals) {
      const known = this.#anomaliesOf(signal)
      const current = known.find(({ isOver }) => !isOver)
      if (current) this.#continue(current, signal, hour)
      else {
        const finding = this.#find(signal, hour, this.#endBefore(signal), found)
        if (finding) found.push(finding)
      }
    }
    for (const finding of this.#select(found)) this.anomalies.push(start(finding, hour))
  }

  #anomaliesOf({ rule, group }: Signal): Anomaly[] {
    return this.anomalies.filter(
      ({ kind, channel, provider }) =>
        kind === rule.kind && channel === group.channel && provider === group.provider,
    )
  }

  /** The anomalies that show in the counts of a signal, whatever their kind. */
  #disturbing({ group }: Signal): Anomaly[] {
    return this.anomalies.filter(
      ({ channel, provider }) =>
        channel === group.channel &&
        (provider === null || group.provider === null || provider === group.provider),
    )
  }

  /** The end of the last anomaly of a signal, or of the bounces of its whole channel. */
  #endBefore({ rule, group }: Signal): number {
    const own = this.anomalies.filter(
      ({ kind, channel, provider }) =>
        kind === rule.kind &&
        channel === group.channel &&
        (provider === group.provider || (provider === null && kind === 'bounces')),
    )
    return Math.max(0, ...own.map(({ lastHour }) => lastHour + 1))
  }

  /** The most abnormal span that ends with an hour. */
  #find(
    signal: Signal,
    hour: number,
    after: number,
    found: readonly Finding[],
  ): Finding | undefined {
    const normal = this.#normalOf(signal, hour)
    if (!normal) return undefined
    const others = this.#explained(signal, hour, found)
    let best: Finding | undefined
    for (let first = hour; first >= Math.max(after, hour - MAX_SPAN + 1); first--) {
      const span = { first, end: hour + 1 }
      const score = judgeSpan(signal, normal, span, others)
      if (score >= (best?.deviation ?? signal.rule.minDeviation)) {
        best = { ...span, signal, normal, deviation: score }
      }
    }
    return best && isLate(best) ? undefined : best
  }

  /** The providers whose own anomalies explain a part of what their channel shows. */
  #explained({ rule, group }: Signal, hour: number, found: readonly Finding[]): Group[] {
    if (rule.kind !== 'bounces' || group.provider !== null) return []
    const isMember = (each: Signal) =>
      each.rule.kind === rule.kind &&
      each.group.channel === group.channel &&
      each.group.provider !== null
    const members = found.map(({ signal }) => signal).filter(isMember)
    const current = this.#signals
      .filter(isMember)
      .filter((signal) =>
        this.#anomaliesOf(signal).some(({ lastHour }) => lastHour > hour - MAX_SPAN),
      )
    const providers = [...members, ...current].map(({ group: each }) => each)
    return providers.length < MANY_PROVIDERS ? providers : []
  }

  /** Leaves out providers if their whole channel bounces. */
  #select(found: readonly Finding[]): Finding[] {
    const channels = new Set(
      [
        ...found.map(({ signal: { rule, group } }) => ({ ...group, kind: rule.kind })),
        ...this.anomalies.filter(({ isOver }) => !isOver),
      ].flatMap(({ kind, provider, channel }) =>
        kind === 'bounces' && provider === null ? channel : [],
      ),
    )
    return found.filter(({ signal: { rule, group } }) => {
      const isExplained = group.provider !== null && channels.has(group.channel)
      return rule.kind !== 'bounces' || !isExplained
    })
  }

  #continue(anomaly: Anomaly, signal: Signal, hour: number): void {
    const { normal, lastHour } = anomaly
    const span = { first: lastHour + 1, end: hour + 1 }
    const { rule, count, exposure } = signal
    const score = judgeSpan(signal, normal, span, [])
    if (score >= rule.minDeviation * CONTINUES) {
      anomaly.lastHour = hour
      Object.assign(anomaly, measure(signal, normal, anomaly.sinceHour, hour + 1))
    } else {
      const rate = Math.max(anomaly.count / anomaly.of, 0.05)
      const abnormal = rule.isDrop ? rate * normal.median : rate
      const middle = Math.sqrt(abnormal * normal.median)
      const towardsNormal = deviation(
        count.sum(span.first, span.end),
        middle * exposure.sum(span.first, span.end),
      )
      const isNormal = (rule.isDrop ? towardsNormal : -towardsNormal) >= ENDS
      anomaly.isOver = isNormal || hour - lastHour >= FORGET_HOURS
    }
    if (hour - anomaly.sinceHour >= MAX_HOURS) anomaly.isOver = true
  }

  /** What is normal on the day of an hour, learned from the four weeks before. */
  #normalOf(signal: Signal, hour: number): Normal | undefined {
    if (signal.isExpected) return { low: 1, median: 1, high: 1 }
    const day = Math.floor(hour / 24)
    const known = this.#normals.get(signal)
    if (known?.day === day) return known.normal
    const end = day * 24
    const first = Math.max(this.#firstHour, end - LEARNED_HOURS)
    const skipped = this.#disturbing(signal).map(({ sinceHour, lastHour }) => ({
      first: sinceHour,
      end: lastHour + 1,
    }))
    const normal =
      end - first < MIN_LEARNED_HOURS
        ? undefined
        : findNormal(signal.count, signal.exposure, { first, end }, skipped)
    this.#normals.set(signal, { day, normal })
    return normal
  }
}

/** The first hour with an attempt. */
function findFirstHour({ groups, first, end }: Timeline): number {
  for (let hour = first; hour < end; hour++) {
    if (groups.some(({ attempted }) => attempted.at(hour) > 0)) return hour
  }
  return end
}

/** How many standard deviations a span is beyond what is normal; -Infinity if that does not matter. */
function judgeSpan(
  { rule, group, count, exposure, channel }: Signal,
  normal: Normal,
  { first, end }: Span,
  explained: readonly Group[],
): number {
  let counted = count.sum(first, end)
  let exposed = exposure.sum(first, end)
  for (const { bounced, attempted } of explained) {
    counted -= bounced.sum(first, end)
    exposed -= attempted.sum(first, end)
  }
  const { isDrop, factor, allowance, minCount, minRate, kind, late = 0 } = rule
  exposed = Math.max(0, exposed - late * exposure.sum(first - LATE_HOURS, first))
  const expected = exposed * normal.median
  if (isDrop) {
    if (expected < minCount || counted > factor * expected) return -Infinity
    if (kind === 'deliveries' && group.read.sum(first, end) === 0) return -Infinity
    return -deviation(counted, (exposed * normal.low) / allowance)
  }
  if (counted < minCount || counted < minRate * exposed || counted < factor * expected) {
    return -Infinity
  }
  const expectedMost = exposed * normal.high * allowance
  const rise = channel ? findRise(channel, group, { first, end }) : 1
  return counted < factor * rise * expected ? -Infinity : deviation(counted, expectedMost * rise)
}

/** Whether bounces may be late ones of what was sent before, as of a broadcast of the day before. */
function isLate({ signal: { rule, group }, normal, first, end }: Finding): boolean {
  if (rule.kind !== 'bounces' || !LATE_CAUSES.has(findCause(group, first, end))) return false
  const before = LATE_SHARE * group.attempted.sum(first - LATE_HOURS, first)
  const expected = (before + group.attempted.sum(first, end)) * normal.high * rule.allowance
  return deviation(group.bounced.sum(first, end), expected) < rule.minDeviation
}

/** How many times as much as before bounces at all other providers: a campaign to an old list bounces everywhere. */
function findRise(channel: Group, group: Group, { first, end }: Span): number {
  const rateIn = (span: Span) => {
    const attempted =
      channel.attempted.sum(span.first, span.end) - group.attempted.sum(span.first, span.end)
    const bounced =
      channel.bounced.sum(span.first, span.end) - group.bounced.sum(span.first, span.end)
    return attempted > 0 ? bounced / attempted : 0
  }
  const before = rateIn({ first: Math.max(0, first - LEARNED_HOURS), end: first })
  const rise = before > 0 ? rateIn({ first, end }) / before : 1
  return Math.min(MAX_RISE, Math.max(1, rise))
}

function start({ signal, normal, first }: Finding, hour: number): Anomaly {
  const { rule, group } = signal
  return {
    kind: rule.kind,
    channel: group.channel,
    provider: group.provider,
    sinceHour: first,
    sinceQuarter: rule.kind === 'bounces' ? findQuarter(group, normal, first) : 4 * first,
    foundAt: hour,
    lastHour: hour,
    isOver: false,
    ...measure(signal, normal, first, hour + 1),
    normal,
  }
}

/** The counts of an anomaly, and the cause of most of its bounces. */
function measure(
  { rule, group, count, exposure }: Signal,
  { median }: Normal,
  first: number,
  end: number,
): Pick<Anomaly, 'count' | 'of' | 'cause'> {
  const exposed = exposure.sum(first, end)
  return {
    count: count.sum(first, end),
    of: Math.round(rule.isDrop ? exposed * median : exposed),
    cause: rule.kind === 'bounces' ? findCause(group, first, end) : null,
  }
}

/** The cause of the most bounces beyond those of the four weeks before. */
function findCause({ causes, attempted }: Group, first: number, end: number): string | null {
  const learned = Math.max(1, attempted.sum(first - LEARNED_HOURS, first))
  const share = attempted.sum(first, end) / learned
  let [cause, most]: [string | null, number] = [null, 0]
  for (const [name, bounces] of causes) {
    const more = bounces.sum(first, end) - share * bounces.sum(first - LEARNED_HOURS, first)
    if (more > most) [cause, most] = [name, more]
  }
  return cause
}

/** The quarter of the first hour from which on bounces are most abnormal. */
function findQuarter(group: Group, normal: Normal, first: number): number {
  const expected = (group.attempted.at(first) / 4) * normal.high
  const end = 4 * (first + 1)
  let [best, most] = [4 * first, -Infinity]
  for (let quarter = 4 * first; quarter < end; quarter++) {
    const count = group.bouncedByQuarter.sum(quarter, end)
    const score = deviation(count, expected * (end - quarter))
    if (score > most) [best, most] = [quarter, score]
  }
  return best
}
