import type { Group } from '../../../db/reports/breakdown.ts'
import { NumberHead, Table } from '../../../web/table.tsx'
import { nameOf } from '../../../web/statuses.ts'
import { useViewer } from '../../../web/viewer.tsx'
import { toLimitedRates, type Thresholds } from '../../rates.ts'
import { RateText } from '../rate.tsx'

const SHOWN = ['read', 'clicked', 'undelivered', 'spam', 'unsubscribed'] as const

/** The results of a campaign in each language that it was sent in. */
export function LanguageTable({
  groups,
  thresholds,
}: {
  groups: readonly Group[]
  thresholds: Thresholds
}) {
  const { text, number } = useViewer()
  return (
    <Table
      label={text('campaign.byLanguage')}
      heads={[
        text('dimension.one.languages'),
        ...['delivered', ...SHOWN].map((name) => (
          <NumberHead>{nameOf(name.toUpperCase(), text)}</NumberHead>
        )),
      ]}
    >
      {groups.map(({ key, counts }) => {
        const rates = toLimitedRates(counts, thresholds)
        return (
          <tr>
            <th scope="row">
              <bdi>{key}</bdi>
            </th>
            <td class="right">{number(rates.read.denominator)}</td>
            {SHOWN.map((name) => (
              <td class="right">
                {number(rates[name].numerator)}
                <RateText rate={rates[name]} />
              </td>
            ))}
          </tr>
        )
      })}
    </Table>
  )
}
