import { formatRate } from '../../web/format.ts'
import { NumberCell } from '../../web/number-cell.tsx'
import type { Query } from '../../web/link.ts'
import { shorten } from '../../web/event-text.ts'

/** Bounces that have a reason or a domain in common. */
export type BounceLine = {
  name: string
  example: string | null
  events: number
  hard: number
  soft: number
  /** What asks for its rows; undefined where no address can. */
  rows: Query | undefined
}

/** @param all of how many bounces the shares are */
export function BounceTable({
  what,
  lines,
  all,
}: {
  what: string
  lines: readonly BounceLine[]
  all: number
}) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={`Bounces by ${what.toLowerCase()}`}>
      <table class="bounces">
        <thead>
          <tr>
            <th>{what}</th>
            <th class="right">Bounces</th>
            <th class="right">Hard</th>
            <th class="right">Soft</th>
            <th class="right">Share</th>
            <td></td>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ name, example, events, hard, soft, rows }) => (
            <tr>
              <th>
                <bdi>{shorten(name, 200)}</bdi>
                {example !== null && (
                  <small>
                    <bdi>{shorten(example, 200)}</bdi>
                  </small>
                )}
              </th>
              <NumberCell events={events} rows={rows} />
              <NumberCell events={hard} rows={rows && { ...rows, hardBounce: 'true' }} />
              <NumberCell events={soft} rows={rows && { ...rows, hardBounce: 'false' }} />
              <td class="right">{formatRate(events / all)}</td>
              <td>
                <Share share={events / all} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Share({ share }: { share: number }) {
  return (
    <svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="fill-undelivered" width={Math.max(0.5, share * 100).toFixed(1)} height="10" />
    </svg>
  )
}
