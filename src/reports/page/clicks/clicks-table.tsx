import type { ClickTarget } from '../../../db/rollups/clicks.ts'
import { shorten } from '../../../platform/cut-text.ts'
import { link, type Query } from '../../../web/link.ts'
import { NumberHead, Table } from '../../../web/table.tsx'
import { useViewer } from '../../../web/viewer.tsx'
import type { ClickReportLine } from '../../clicks.ts'
import { PeopleLinks } from '../people/people-links.tsx'

const MAX_URL = 100 // characters; the title has all of them

/**
 * Links, or values of a UTM parameter, with their clicks.
 *
 * @param people selects the people of these campaigns; undefined for a table without lists of people
 */
export function ClicksTable({
  by,
  lines,
  people,
}: {
  by: ClickTarget
  lines: readonly ClickReportLine[]
  people: Query | undefined
}) {
  const { text, number, rate } = useViewer()
  const hasLists = people !== undefined && by === 'link'
  const heads = [
    text('clicks.clicks'),
    text('campaign.people'),
    text('campaign.share'),
    text('campaign.withoutMachines'),
    text('campaign.share'),
  ]
  const share = (value: number | null) => (value === null ? '' : rate(value))
  return (
    <Table
      label={text(`clicks.by.${by}`)}
      heads={[
        text(`clicks.one.${by}`),
        ...heads.map((head) => <NumberHead>{head}</NumberHead>),
        ...(hasLists ? [<th class="print-none">{text('campaign.list')}</th>] : []),
      ]}
    >
      {lines.map(({ name, clicks, people: all, share: shareOfAll, withoutMachines }) => (
        <tr>
          <th scope="row" class="words">
            <bdi title={name}>{shorten(name, MAX_URL)}</bdi>
          </th>
          <td class="right">{number(clicks)}</td>
          <td class="right">{number(all)}</td>
          <td class="right">{share(shareOfAll.rate)}</td>
          <td class="right">{number(withoutMachines.people)}</td>
          <td class="right">{share(withoutMachines.share.rate)}</td>
          {hasLists && (
            <td class="print-none">
              {isListed(name) && (
                <PeopleLinks query={{ ...people, link: name, machines: 'exclude' }} name={name} />
              )}
            </td>
          )}
        </tr>
      ))}
    </Table>
  )
}

/** Whether a URL can name a link: an address in it would be personal. */
function isListed(name: string): boolean {
  return !name.includes('@') && link('', { name }).length < 1_500
}
