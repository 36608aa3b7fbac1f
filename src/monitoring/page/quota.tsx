import type { TextKey } from '../../language/messages.ts'
import { useViewer } from '../../web/viewer.tsx'

const WARN_SHARE = 0.7

/**
 * The used part of a limit, with a warning if it is near or reached.
 *
 * @param format of both amounts
 * @param amountKey the text for them
 */
export function Quota({
  used,
  limit,
  format,
  amountKey = 'status.amount',
}: {
  used: number
  limit: number
  format: (amount: number) => string
  amountKey?: TextKey
}) {
  const { text, rate } = useViewer()
  const share = used / limit
  const amount = text(amountKey, { used: format(used), limit: format(limit), share: rate(share) })
  if (share < WARN_SHARE) return <>{amount}</>
  return share < 1 ? (
    <span class="warn">{text('status.closeToLimit', { amount })}</span>
  ) : (
    <span class="bad">{text('status.limitReached', { amount })}</span>
  )
}
