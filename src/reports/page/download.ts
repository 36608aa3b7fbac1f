import { HOUR_MS } from '../../event/clock.ts'
import { DIMENSIONS, type ReportName } from '../../event/dimensions.ts'
import type { Group } from '../../db/reports/breakdown.ts'
import { RATE_NAMES, toRates } from '../../db/reports/rates.ts'
import { downloadCsv } from '../../web/csv-download.ts'
import { labelOf } from '../../web/parameter-label.ts'
import { nameOf as nameStatus } from '../../web/statuses.ts'
import { viewerOf, type PageContext } from '../../web/viewer.tsx'
import { toCounts } from '../counts.ts'

const COUNTED = [
  'sent',
  'delivered',
  'read',
  'clicked',
  'undelivered',
  'spam',
  'unsubscribed',
] as const

/** The lines of a table of campaigns as CSV. */
export function downloadCampaigns(
  context: PageContext,
  by: ReportName,
  groups: readonly Group[],
): Response {
  const { text } = viewerOf(context)
  const { described } = DIMENSIONS[by]
  return downloadCsv(context, {
    name: by,
    heads: [
      ...described.map((name) => labelOf(name, text)),
      ...COUNTED.map((name) => nameStatus(name.toUpperCase(), text)),
      text('campaign.hardBounced'),
      ...RATE_NAMES.map((name) => text('rate.column', { rate: text(`rate.${name}`) })),
      text('campaigns.first'),
      text('campaigns.last'),
    ],
    rows: groups.map(({ key, campaign, counts, firstHour, lastHour }) => {
      const [named, rates] = [toCounts(counts), toRates(counts)]
      return [
        ...described.map((name) =>
          name === DIMENSIONS[by].column ? key : String(campaign[name] ?? ''),
        ),
        ...COUNTED.map((name) => named[name].contacts),
        named.undelivered.hard.contacts,
        ...RATE_NAMES.map((name) => rates[name].rate),
        new Date(firstHour),
        new Date(lastHour + HOUR_MS),
      ]
    }),
  })
}
