import type { Rate } from '../../db/reports/rates.ts'
import { useViewer } from '../../web/viewer.tsx'
import type { Threshold } from '../rates.ts'

/** A rate, some of which have thresholds. */
export type LimitedRate = Rate & { threshold?: Threshold }

/** A rate, marked if it has reached a threshold; and how it has changed. */
export function RateText({
  rate: { rate, incomplete, threshold },
  before,
}: {
  rate: LimitedRate
  before?: Rate | undefined
}) {
  const viewer = useViewer()
  const { text } = viewer
  if (rate === null) {
    return incomplete ? <small title={text('rate.incomplete')}>{text('rate.none')}</small> : null
  }
  const rateBefore = before?.rate ?? undefined
  return (
    <>
      <small>{viewer.rate(rate)}</small>
      {threshold?.level === 'warning' && (
        <small class="warn">
          {text('rate.warning', { threshold: viewer.rate(threshold.warning) })}
        </small>
      )}
      {threshold?.level === 'exceeded' && (
        <small class="bad">
          {text('rate.exceeded', { threshold: viewer.rate(threshold.limit) })}
        </small>
      )}
      {rateBefore !== undefined && (
        <small title={text('rate.before', { rate: viewer.rate(rateBefore) })}>
          {text('rate.points', { points: viewer.points(rate - rateBefore) })}
        </small>
      )}
    </>
  )
}
