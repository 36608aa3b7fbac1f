import { formatNumber, formatRate } from '../../language/format.ts'

const WARN_SHARE = 0.7

/** The used part of a limit, with a warning if it is near or reached. @param of whose limit it is */
export function Quota({
  used,
  limit,
  of = '',
  format = formatNumber,
}: {
  used: number
  limit: number
  of?: string
  format?: (amount: number) => string
}) {
  const share = used / limit
  const amount = `${format(used)} of ${of && `${of} `}${format(limit)} (${formatRate(share)})`
  if (share < WARN_SHARE) return <>{amount}</>
  return share < 1 ? (
    <span class="warn">⚠ Close to the limit: {amount}</span>
  ) : (
    <span class="bad">✘ Limit reached: {amount}</span>
  )
}
