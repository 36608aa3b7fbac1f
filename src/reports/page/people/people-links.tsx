import { link, type Query } from '../../../web/link.ts'
import { useViewer } from '../../../web/viewer.tsx'

/** The list of some people, on a page and as a file. @param name of these people */
export function PeopleLinks({ query, name }: { query: Query; name: string }) {
  const { text } = useViewer()
  return (
    <>
      <a href={link('/campaigns/people', query)} aria-label={text('people.listOf', { name })}>
        {text('people.list')}
      </a>
      {' · '}
      <a
        href={link('/campaigns/people.csv', query)}
        aria-label={text('people.csvOf', { name })}
        download
      >
        {text('people.csv')}
      </a>
    </>
  )
}
