import { DIMENSIONS, REPORT_NAMES } from '../../event/dimensions.ts'
import { Chips } from '../../web/chips.tsx'
import type { Query } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'

/** The filters of a page of results, in words: `Message: Spring sale`. @param names see `nameFilters` */
export function FilterChips({
  path,
  query,
  removable,
  names,
}: {
  path: string
  query: Query
  removable: readonly string[]
  names: Readonly<Record<string, string>>
}) {
  const { text } = useViewer()
  const labels = Object.fromEntries(
    REPORT_NAMES.map((name) => [DIMENSIONS[name].column, text(`dimension.one.${name}`)]),
  )
  return (
    <Chips
      path={path}
      query={query}
      removable={removable}
      labels={{ ...labels, search: text('campaigns.search.label') }}
      values={names}
    />
  )
}
