import { link, type Query } from './link.ts'
import { labelOf } from './parameter-label.ts'
import { useViewer } from './viewer.tsx'

/**
 * The filters of a page, each with a link that removes it.
 *
 * @param removable names of parameters
 * @param labels what to call them, if not by the name of the parameter
 * @param values what to call their values, if not as in the query
 */
export function Chips({
  path,
  query,
  removable,
  labels = {},
  values = {},
}: {
  path: string
  query: Query
  removable: readonly string[]
  labels?: Readonly<Record<string, string>>
  values?: Readonly<Record<string, string>>
}) {
  const { text } = useViewer()
  const labelFor = (name: string) => labels[name] ?? labelOf(name, text)
  const filters = removable.filter((name) => query[name] !== undefined)
  if (filters.length === 0) return null
  return (
    <ul class="chips" aria-label={text('chips.label')}>
      {filters.map((name) => (
        <li>
          <span>
            <span title={name}>{labelFor(name)}</span>{' '}
            <b>
              <bdi>{values[name] ?? String(query[name])}</bdi>
            </b>
          </span>{' '}
          <a
            href={link(path, { ...query, [name]: undefined })}
            aria-label={text('chips.remove', { name: labelFor(name) })}
          >
            ×
          </a>
        </li>
      ))}
    </ul>
  )
}
