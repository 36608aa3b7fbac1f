import { useViewer } from '../../web/viewer.tsx'
import { NumberHead, Table } from '../../web/table.tsx'
import type { describeDelays } from '../delays.ts'
import { ShareBar } from './share-bar.tsx'

/** How long after the delivery people read; nothing if no one did. */
export function Delays({ delays }: { delays: ReturnType<typeof describeDelays> }) {
  const { text, span, number, rate } = useViewer()
  const { people, seconds, histogram } = delays
  const { p50, p75, p90 } = seconds
  if (p50 === null || p75 === null || p90 === null) return null
  const shown = histogram.filter((bar) => bar.people > 0)
  return (
    <section>
      <h2>{text('delays.title')}</h2>
      <p>
        {text('delays.half', {
          half: span(p50 * 1000),
          threeQuarters: span(p75 * 1000),
          most: span(p90 * 1000),
        })}
      </p>
      <details>
        <summary>{text('delays.show')}</summary>
        <Table
          label={text('delays.title')}
          heads={[
            text('delays.within'),
            <NumberHead>{text('campaign.people')}</NumberHead>,
            <NumberHead>{text('campaign.share')}</NumberHead>,
            <td></td>,
          ]}
        >
          {shown.map((bar) => (
            <tr>
              <th scope="row">
                {text('delays.range', { from: span(bar.from * 1000), to: span(bar.to * 1000) })}
              </th>
              <td class="right">{number(bar.people)}</td>
              <td class="right">{rate(bar.people / people)}</td>
              <td>
                <ShareBar share={bar.people / people} tone="read" />
              </td>
            </tr>
          ))}
        </Table>
      </details>
    </section>
  )
}
