import type { RateName } from '../../db/reports/rates.ts'
import type { Language } from '../../language/languages.ts'
import { writePhrase, type Phrase } from '../../language/messages.ts'
import { writeTime } from '../alerts/words.ts'
import { describeAnomaly } from '../anomalies/describe.ts'
import type { CampaignLine, ChannelLine, ChannelWeek, Digest } from './read.ts'
import { writeWeek } from './week.ts'

const MIN_CONTACTS = 100
const CHANGED = 0.3 // of the contacts written to
const MIN_COVERAGE = 0.99
const MORE_BOUNCES = 1.5
const MIN_BOUNCES = 20

/** The rates of a channel in the text; what only machines did is left out. */
const NAMED = [
  'readWithoutMachines',
  'clickedWithoutMachines',
  'undelivered',
  'hardBounced',
  'spam',
  'unsubscribed',
] as const satisfies RateName[]

/** The totals of each channel, with changes against the week before and four weeks before: a sentence each. */
function describeChannels({ channels }: Digest): Phrase[] {
  return channels.map(({ channel, week, before, fourBefore }) => {
    const parts: Phrase[] = [
      { key: 'digest.delivered', values: { count: week.delivered } },
      ...describeChange(week.delivered, before.delivered, 'Week'),
      ...describeChange(week.delivered, fourBefore.delivered, 'Four'),
      ...NAMED.flatMap((name): Phrase[] => {
        const { rate } = week.rates[name]
        if (rate === null || rate === 0) return []
        return [{ key: `digest.${name}`, values: { rate: withBefore(rate, before, name) } }]
      }),
    ]
    return { key: 'digest.channel', values: { channel, parts } }
  })
}

/** The best and the worst messages: a sentence each. */
function describeCampaigns({ best, worst }: Digest): Phrase[] {
  return [
    ...best.slice(0, 1).map((line): Phrase => ({
      key: 'digest.readMost',
      values: { campaign: nameCampaign(line), ...ofRate(line, 'readWithoutMachines') },
    })),
    ...worst.slice(0, 1).map((line): Phrase => ({
      key: 'digest.bouncedMost',
      values: { campaign: nameCampaign(line), ...ofRate(line, 'hardBounced') },
    })),
  ]
}

/** New suppressions, and the most frequent causes of bounces: a sentence each. */
function describeLosses({ suppressions, causes }: Digest): Phrase[] {
  const added = suppressions.reduce((sum, { count }) => sum + count, 0)
  const byReason = Map.groupBy(suppressions, ({ reason }) => reason)
  const reasons = REASONS.flatMap((reason): Phrase[] => {
    const lines = byReason.get(reason) ?? []
    const count = lines.reduce((sum, line) => sum + line.count, 0)
    return count === 0 ? [] : [{ key: `digest.reason.${reason}`, values: { count } }]
  })
  const bounces = causes.reduce((sum, { events }) => sum + events, 0)
  const top = causes.slice(0, 3).map(({ cause, events }): Phrase => ({
    key: 'digest.causeCount',
    values: { title: titleOf(cause), count: events },
  }))
  return [
    added === 0
      ? { key: 'digest.noSuppressions' }
      : { key: 'digest.suppressions', values: { count: added, reasons } },
    bounces === 0
      ? { key: 'digest.noBounces' }
      : { key: 'digest.bounces', values: { count: bounces, causes: top } },
  ]
}

const REASONS = ['HARD_BOUNCE', 'SPAM', 'UNSUBSCRIBED'] as const

/** What to look at, the gravest first: some sentences each. */
export function listWarnings(digest: Digest): Phrase[][] {
  const { channels, worst, anomalies, causes, quarantined, unexpected, coverage } = digest
  const warnings = anomalies.map((anomaly) => {
    const { what, cause, advice } = describeAnomaly(anomaly, writeTime)
    return [what, ...(cause ? [cause] : []), ...(anomaly.isOver ? [] : [advice])]
  })
  const add = (phrases: readonly Phrase[]) => warnings.push(...phrases.map((phrase) => [phrase]))
  add(channels.flatMap(describeThresholds))
  add(worst.filter(({ rates }) => isHigh(rates.hardBounced)).map(describeBounced))
  add(channels.flatMap(describeVolume))
  add(
    causes
      .filter(({ events, before }) => events >= MIN_BOUNCES && events > MORE_BOUNCES * before)
      .map(({ cause, events, before }) => ({
        key: 'digest.causeRose',
        values: { title: titleOf(cause), count: events, before },
      })),
  )
  if (coverage !== null && coverage.share < MIN_COVERAGE) {
    const values = { count: coverage.missed, share: writeRate(1 - coverage.share) }
    add([{ key: 'digest.missed', values }])
  }
  if (quarantined.items > 0) {
    add([{ key: 'digest.quarantined', values: { count: quarantined.items } }])
  }
  if (unexpected.length > 0) {
    const names = unexpected.map(({ kind, name }): Phrase => ({
      key: name === '' ? 'digest.unnamed' : 'digest.named',
      values: { kind, name },
    }))
    add([{ key: 'digest.unexpected', values: { count: unexpected.length, names } }])
  }
  return warnings
}

/** A digest as a text of at most so many characters; lines that do not fit are left out. */
export function writeDigest(digest: Digest, language: Language, maxLength: number): string {
  const warnings = listWarnings(digest)
  const write = (phrase: Phrase) => writePhrase(language, phrase)
  const lines = [
    write({ key: 'digest.title', values: { week: writeWeek(digest.week, language) } }),
    ...describeChannels(digest).map(write),
    write({ key: warnings.length === 0 ? 'digest.nothing' : 'digest.lookAt' }),
    ...warnings.map((phrases) => `• ${phrases.map(write).join(' ')}`),
    ...describeCampaigns(digest).map(write),
    ...describeLosses(digest).map(write),
  ]
  const more = write({ key: 'digest.more', values: { monday: digest.week.monday } })
  const text: string[] = []
  let length = more.length
  for (const line of lines) {
    length += line.length + 1
    if (length > maxLength) return [...text, more].join('\n')
    text.push(line)
  }
  return text.join('\n')
}

function describeThresholds({ channel, week }: ChannelLine): Phrase[] {
  const names = ['spam', 'hardBounced'] as const
  return names.flatMap((name): Phrase[] => {
    const { rate, numerator, denominator } = week.rates[name]
    if (rate === null || !isHigh(week.rates[name]) || denominator < MIN_CONTACTS) return []
    const limit = limitOf(week.rates[name])
    const values = { channel, numerator, denominator, rate: writeRate(rate), limit }
    return [{ key: `digest.tooMany.${name}`, values }]
  })
}

function describeBounced(line: CampaignLine): Phrase {
  const limit = limitOf(line.rates.hardBounced)
  const values = { campaign: nameCampaign(line), ...ofRate(line, 'hardBounced'), limit }
  return { key: 'digest.campaignBounced', values }
}

type LimitedRate = ChannelWeek['rates']['spam']

function isHigh({ threshold: { level } }: LimitedRate): boolean {
  return level === 'warning' || level === 'exceeded'
}

/** The threshold that was reached. */
function limitOf({ threshold: { level, warning, limit } }: LimitedRate): Phrase {
  return writeRate(level === 'exceeded' ? limit : warning)
}

function describeVolume({ channel, week, before }: ChannelLine): Phrase[] {
  const isEnough = Math.max(week.attempted, before.attempted) >= MIN_CONTACTS
  const [change] = describeChange(week.attempted, before.attempted, 'Week')
  const isLarge = Math.abs(week.attempted - before.attempted) > CHANGED * before.attempted
  if (!isEnough || !isLarge || change === undefined) return []
  return [{ key: 'digest.volume', values: { channel, count: week.attempted, change } }]
}

/** Empty without anything to compare with. */
function describeChange(now: number, before: number, than: 'Week' | 'Four'): Phrase[] {
  if (before === 0) return []
  const change = now / before - 1
  const key = `digest.${change < 0 ? 'less' : 'more'}Than${than}` as const
  return [{ key, values: { change: Math.abs(change) } }]
}

function withBefore(rate: number, { rates }: ChannelWeek, name: RateName): Phrase {
  const { rate: before } = rates[name]
  if (before === null) return writeRate(rate)
  return { key: 'digest.before', values: { rate: writeRate(rate), before: writeRate(before) } }
}

function nameCampaign({ messageId: id, name }: CampaignLine): Phrase {
  return name === ''
    ? { key: 'digest.nameless', values: { id } }
    : { key: 'digest.campaign', values: { id, name } }
}

function ofRate({ rates }: CampaignLine, name: RateName) {
  const { rate, denominator } = rates[name]
  return { rate: writeRate(rate ?? 0), of: denominator }
}

function titleOf(cause: Digest['causes'][number]['cause']): Phrase {
  return { key: `cause.${cause}.title` }
}

function writeRate(rate: number): Phrase {
  return { key: 'digest.rate', values: { rate } }
}
