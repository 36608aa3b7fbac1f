import { csvLink } from './csv-download.ts'
import { useViewer } from './viewer.tsx'

/**
 * A link that downloads a table of a page as CSV.
 *
 * @param page the page that responds with it: its path and parameters; by default the page that is shown
 */
export function DownloadLink({ page }: { page?: string }) {
  const { text, here } = useViewer()
  return (
    <a class="download" href={csvLink(page ?? here)} download>
      {text('download.csv')}
    </a>
  )
}
