import { link, type Query } from './link.ts'
import { labelOf } from './parameter-label.ts'
import { useViewer } from './viewer.tsx'

/**
 * The filters of a page, each with a link that removes it.
 *
 * @param removable names of parameters
 * @param values what to call their values, if not as in the query
 */
export function Chips({
  path,
  query,
  removable,
  values = {},
}: {
  path: string
  query: Query
  removable: readonly string[]
  values?: Readonly<Record<string, string>>
}) {
  const { text } = useViewer()
  const filters = removable.filter((name) => query[name] !== undefined)
  if (filters.length === 0) return null
  return (
    <ul class="chips" aria-label={text('chips.label')}>
      {filters.map((name) => (
        <li>
          <span>
            <span title={name}>{labelOf(name, text)}</span>{' '}
            <b>
              <bdi>{values[name] ?? String(query[name])}</bdi>
            </b>
          </span>{' '}
          <a
            href={link(path, { ...query, [name]: undefined })}
            aria-label={text('chips.remove', { name: labelOf(name, text) })}
          >
            ×
          </a>
        </li>
      ))}
    </ul>
  )
}
