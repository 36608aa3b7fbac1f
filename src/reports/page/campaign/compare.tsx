import type { ListedMessage } from '../../../db/reports/campaigns.ts'
import { shorten } from '../../../platform/cut-text.ts'
import { listDays } from '../../../web/period.ts'
import { useViewer } from '../../../web/viewer.tsx'

const MAX_NAME = 60 // characters

/** A form that leads to two campaigns side by side. @param since the first day of both: UTC milliseconds */
export function CompareForm({
  messageId,
  others,
  since,
}: {
  messageId: string
  others: readonly ListedMessage[]
  since: number
}) {
  const { text, clock } = useViewer()
  if (others.length === 0) return null
  const { first, last } = listDays({ since, until: Date.now() }, clock.zone)
  return (
    <form action="/campaigns" class="inline print-none">
      <input type="hidden" name="messageId" value={messageId} />
      <input type="hidden" name="first" value={first} />
      <input type="hidden" name="last" value={last} />
      <label>
        {text('campaign.compareWith')}{' '}
        <select name="messageId">
          {others.map(({ messageId: id, messageName }) => (
            <option value={id}>
              {messageName?.trim() ? shorten(messageName, MAX_NAME) : text('event.message', { id })}
            </option>
          ))}
        </select>
      </label>
      <button>{text('campaign.compare')}</button>
    </form>
  )
}
