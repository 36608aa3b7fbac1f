import { formatNumber, formatRate } from '../../web/format.ts'

const WARN_SHARE = 0.7

/**
 * How much of a limit is used, with a warning in word and colour when it is near or passed.
 *
 * @param of whose limit it is
 */
export function Quota({
  used,
  limit,
  of = '',
  write = formatNumber,
}: {
  used: number
  limit: number
  of?: string
  write?: (amount: number) => string
}) {
  const share = used / limit
  const amount = `${write(used)} of ${of && `${of} `}${write(limit)} (${formatRate(share)})`
  if (share < WARN_SHARE) return <>{amount}</>
  return share < 1 ? (
    <span class="warn">⚠ Close to the limit: {amount}</span>
  ) : (
    <span class="bad">✘ Limit reached: {amount}</span>
  )
}
