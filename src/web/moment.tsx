import { useViewer } from './viewer.tsx'

/** A time, to the second. @param none the text if there is no time */
export function Moment({ time, none }: { time: number | null; none?: string }) {
  const { clock, text } = useViewer()
  if (time === null) return <>{none ?? text('none')}</>
  return <time datetime={new Date(time).toISOString()}>{clock.exact(time)}</time>
}
