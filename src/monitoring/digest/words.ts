import type { RateName } from '../../db/reports/rates.ts'
import { writeCount, writeTime } from '../alerts/words.ts'
import { describeAnomaly } from '../anomalies/describe.ts'
import type { CampaignLine, ChannelLine, ChannelWeek, Digest } from './read.ts'
import { writeWeek } from './week.ts'

const MIN_CONTACTS = 100
const CHANGED = 0.3 // of the contacts written to
const MIN_COVERAGE = 0.99
const MORE_BOUNCES = 1.5
const MIN_BOUNCES = 20

/** The rates of a channel in the text; what only machines did is left out. */
const NAMES = {
  readWithoutMachines: 'read',
  clickedWithoutMachines: 'clicked',
  undelivered: 'bounced',
  hardBounced: 'bounced permanently',
  spam: 'complained',
  unsubscribed: 'unsubscribed',
} as const satisfies Partial<Record<RateName, string>>

const NAMED = Object.entries(NAMES) as [keyof typeof NAMES, string][] // one reasoned cast: its own entries

/** The totals of each channel, with changes against the week before and four weeks before: a sentence each. */
function describeChannels({ channels }: Digest): string[] {
  return channels.map(({ channel, week, before, fourBefore }) => {
    const changes = [
      writeChange(week.delivered, before.delivered, 'than the week before'),
      writeChange(week.delivered, fourBefore.delivered, 'than four weeks before'),
    ].filter((change) => change !== null)
    const volume = [`${number(week.delivered)} delivered`, ...changes].join(', ')
    const rates = NAMED.flatMap(([name, did]) => {
      const { rate } = week.rates[name]
      return rate === null || rate === 0
        ? []
        : [`${percent(rate)}${writeBefore(before, name)} ${did}`]
    })
    return `${channel}: ${volume}${rates.length === 0 ? '' : `; ${rates.join(', ')}`}.`
  })
}

/** The best and the worst messages: a sentence each. */
function describeCampaigns({ best, worst }: Digest): string[] {
  return [
    ...best
      .slice(0, 1)
      .map((line) => `Read most: ${nameCampaign(line)}, ${ofRate(line, 'readWithoutMachines')}.`),
    ...worst
      .slice(0, 1)
      .map((line) => `Bounced most: ${nameCampaign(line)}, ${ofRate(line, 'hardBounced')}.`),
  ]
}

/** New suppressions, and the most frequent causes of bounces: a sentence each. */
function describeLosses({ suppressions, causes }: Digest): string[] {
  const added = suppressions.reduce((sum, { count }) => sum + count, 0)
  const byReason = Map.groupBy(suppressions, ({ reason }) => reason)
  const reasons = [...byReason].map(([reason, lines]) => {
    const count = lines.reduce((sum, line) => sum + line.count, 0)
    return `${number(count)} ${REASONS[reason] ?? reason}`
  })
  const bounces = causes.reduce((sum, { events }) => sum + events, 0)
  const top = causes
    .slice(0, 3)
    .map(({ title, events }) => `${number(events)} ${lowerFirst(title)}`)
  return [
    added === 0
      ? 'No new suppressions.'
      : `${writeCount(added, 'new suppression')}: ${reasons.join(', ')}.`,
    bounces === 0 ? 'No bounces.' : `${writeCount(bounces, 'bounce')}: ${top.join(', ')}.`,
  ]
}

const REASONS: Readonly<Record<string, string>> = {
  HARD_BOUNCE: 'permanent bounces',
  SPAM: 'complaints',
  UNSUBSCRIBED: 'unsubscribed',
}

/** What to look at, the gravest first: a sentence each. */
export function listWarnings(digest: Digest): string[] {
  const { channels, worst, anomalies, causes, quarantined, unexpected, coverage } = digest
  return [
    ...anomalies.map((anomaly) => {
      const { what, cause, advice } = describeAnomaly(anomaly, writeTime)
      return [what, cause, anomaly.isOver ? null : advice].filter(Boolean).join(' ')
    }),
    ...channels.flatMap(describeThresholds),
    ...worst
      .filter(({ rates }) => isHigh(rates.hardBounced))
      .map(
        (line) =>
          `${nameCampaign(line)} bounced permanently for ${ofRate(line, 'hardBounced')}; ${ofThreshold(line.rates.hardBounced)}. See where its contacts come from.`,
      ),
    ...channels.flatMap(describeVolume),
    ...causes
      .filter(({ events, before }) => events >= MIN_BOUNCES && events > MORE_BOUNCES * before)
      .map(
        ({ title, events, before }) =>
          `Bounces with the cause “${title}”: ${number(events)}, after ${number(before)} the week before. See “Bounces” on the dashboard.`,
      ),
    ...(coverage !== null && coverage.share < MIN_COVERAGE
      ? [
          `The webhook missed ${writeCount(coverage.missed, 'event')} that Yespo's API has (${percent(1 - coverage.share)}); they were filled in. See /coverage on the dashboard.`,
        ]
      : []),
    ...(quarantined.items > 0
      ? [
          `${writeCount(quarantined.items, 'item')} in quarantine. See “Quarantine” on the dashboard, fix the cause, then replay or delete them.`,
        ]
      : []),
    ...(unexpected.length > 0
      ? [
          `Events have ${writeCount(unexpected.length, 'new thing')} that Yespo does not document: ${unexpected.map(({ kind, name }) => `${kind} ${name || '(name not shown)'}`).join(', ')}.`,
        ]
      : []),
  ]
}

/** A digest as a text of at most so many characters; lines that do not fit are left out. */
export function writeDigest(digest: Digest, maxLength: number): string {
  const warnings = listWarnings(digest)
  const lines = [
    `Yespo receiver: the week of ${writeWeek(digest.week)}.`,
    ...describeChannels(digest),
    ...(warnings.length === 0
      ? ['Nothing needs attention.']
      : ['To look at:', ...warnings.map((warning) => `• ${warning}`)]),
    ...describeCampaigns(digest),
    ...describeLosses(digest),
  ]
  const more = `… more: GET /reports/digest?week=${digest.week.monday}`
  const text: string[] = []
  let length = more.length
  for (const line of lines) {
    length += line.length + 1
    if (length > maxLength) return [...text, more].join('\n')
    text.push(line)
  }
  return text.join('\n')
}

function describeThresholds({ channel, week }: ChannelLine): string[] {
  const names = ['spam', 'hardBounced'] as const
  return names.flatMap((name) => {
    const { rate, numerator, denominator } = week.rates[name]
    if (rate === null || !isHigh(week.rates[name]) || denominator < MIN_CONTACTS) return []
    return [
      `${percent(rate)} of the contacts by ${channel} ${NAMES[name]} (${number(numerator)} of ${number(denominator)}); ${ofThreshold(week.rates[name])}.`,
    ]
  })
}

type LimitedRate = ChannelWeek['rates']['spam']

function isHigh({ threshold: { level } }: LimitedRate): boolean {
  return level === 'warning' || level === 'exceeded'
}

function ofThreshold({ threshold: { level, warning, limit } }: LimitedRate): string {
  return `more than ${percent(level === 'exceeded' ? limit : warning)} is too many`
}

function describeVolume({ channel, week, before }: ChannelLine): string[] {
  const isEnough = Math.max(week.attempted, before.attempted) >= MIN_CONTACTS
  const change = writeChange(week.attempted, before.attempted, 'than the week before')
  const isLarge = Math.abs(week.attempted - before.attempted) > CHANGED * before.attempted
  if (!isEnough || !isLarge || change === null) return []
  return [`Contacts written to by ${channel}: ${number(week.attempted)}, ${change}.`]
}

/** Null without anything to compare with. */
function writeChange(now: number, before: number, than: string): string | null {
  if (before === 0) return null
  const change = now / before - 1
  return `${percent(Math.abs(change), 0)} ${change < 0 ? 'less' : 'more'} ${than}`
}

function writeBefore({ rates }: ChannelWeek, name: RateName): string {
  const { rate } = rates[name]
  return rate === null ? '' : ` (before: ${percent(rate)})`
}

function nameCampaign({ messageId, name }: CampaignLine): string {
  return name === '' ? `message ${messageId}` : `“${name}” (message ${messageId})`
}

function ofRate({ rates }: CampaignLine, name: RateName): string {
  const { rate, denominator } = rates[name]
  return `${percent(rate ?? 0)} of ${number(denominator)}`
}

function number(count: number): string {
  return count.toLocaleString('en')
}

function percent(share: number, digits = share < 0.01 ? 2 : 1): string {
  return `${(100 * share).toFixed(digits)} %`
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
