import { groupReasons } from '../api.ts'
import type { CauseCounts } from '../../db/reports/bounce-causes.ts'
import type { Bounces } from '../../db/reports/bounces.ts'
import { downloadCsv } from '../../web/csv-download.ts'
import { viewerOf, type PageContext } from '../../web/viewer.tsx'

/** The bounces by cause, by reason and by domain as one CSV file, each line with what it counts. */
export function downloadBounces(
  context: PageContext,
  { causes }: CauseCounts,
  bounces: Bounces,
): Response {
  const { text } = viewerOf(context)
  const reasons = groupReasons(bounces.descriptions)
  return downloadCsv(context, {
    name: 'bounces',
    heads: [
      text('bounces.kind'),
      text('bounces.name'),
      text('bounces.total'),
      text('bounces.hard'),
      text('bounces.soft'),
      text('bounces.advice'),
    ],
    rows: [
      ...causes.map(({ cause, events, hard, soft }) => [
        text('bounces.cause'),
        text(`cause.${cause}.title`),
        events,
        hard,
        soft,
        text(`cause.${cause}.advice`),
      ]),
      ...reasons.map(({ reason, cause, events, hard, soft }) => [
        text('bounces.reason'),
        reason ?? text('bounces.noReason'),
        events,
        hard,
        soft,
        text(`cause.${cause}.title`),
      ]),
      ...bounces.domains.map(({ value, events, hard, soft }) => [
        text('bounces.domain'),
        value?.trim() ? value : text('bounces.noDomain'),
        events,
        hard,
        soft,
      ]),
    ],
  })
}
