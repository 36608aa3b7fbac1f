import type { Clock } from './format.ts'

/** A time, to the second. @param none the text if there is no time */
export function Moment({
  time,
  clock,
  none = 'none yet',
}: {
  time: number | null
  clock: Clock
  none?: string
}) {
  if (time === null) return <>{none}</>
  return <time datetime={new Date(time).toISOString()}>{clock.exact(time)}</time>
}
