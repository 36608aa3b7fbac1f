import type { Threshold } from '../reports/rates.ts'
import { useViewer } from '../web/viewer.tsx'

/** The mark of a rate that has reached a threshold. @param isHard whether it is that of hard bounces, next to all */
export function Mark({
  threshold,
  isHard = false,
}: {
  threshold: Threshold | undefined
  isHard?: boolean
}) {
  const { text, rate } = useViewer()
  if (threshold?.level === 'exceeded') {
    const key = isHard ? 'results.hardExceeded' : 'results.exceeded'
    return <small class="bad">⚠ {text(key, { limit: rate(threshold.limit) })}</small>
  }
  if (threshold?.level !== 'warning') return null
  const key = isHard ? 'results.hardWarning' : 'results.warning'
  return <small class="warn">⚠ {text(key, { limit: rate(threshold.warning) })}</small>
}
