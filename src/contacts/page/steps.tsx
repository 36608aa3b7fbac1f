import type { Clock } from '../../language/format.ts'
import { shorten } from '../../platform/cut-text.ts'
import { nameOf, toneOf } from '../../web/statuses.ts'
import { useViewer, type Viewer } from '../../web/viewer.tsx'
import type { Course, Delivery } from '../explanation.ts'
import { causeText, describeClick, describeLinks, describeSteps, type Step } from '../sentences.ts'

const MAX_LINK = 300 // characters

/** The steps of a message within a sentence. */
export function InlineSteps({ course }: { course: Course }) {
  const { text, clock } = useViewer()
  const at = timesAfter(clock, undefined)
  const steps = describeSteps(course, { text, at }, (clicks) => describeClicks(clicks, at))
  return <>{steps.map(({ key, values }) => text(key, values)).join(' → ')}</>
}

/** The steps of a delivery in one line, with the links that were clicked, and what to do if it bounced. */
export function Steps({ delivery: { course, others, beganAt } }: { delivery: Delivery }) {
  const { text, clock } = useViewer()
  const at = timesAfter(clock, beganAt)
  const { clicks, undelivered } = course
  const steps = [
    ...describeSteps(course, { text, at }, () => describeClicks(clicks, at)),
    ...others.map((other) => describeOther(other, text, at)),
  ]
  return (
    <>
      <ol class="steps">
        {steps.map(({ key, values, tone }) => (
          <li>
            <i class={`dot fill-${tone}`}></i>
            <bdi>{text(key, values)}</bdi>
          </li>
        ))}
      </ol>
      {undelivered && <p class="quiet">{causeText(undelivered.cause, 'advice', text)}</p>}
      {clicks.length > 1 && (
        <ul class="quiet">
          {clicks.map(({ link, at: time, clicks: count }) => (
            <li>
              <bdi>{link === null ? text('contacts.aLink') : shorten(link, MAX_LINK)}</bdi>{' '}
              {text('contacts.times', { time: at(time), count })}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function describeClicks(clicks: Course['clicks'], at: (time: number) => string): Step[] {
  const [first, ...more] = clicks
  if (!first) return []
  return more.length > 0
    ? [describeLinks(clicks.length, at(first.at))]
    : [describeClick(first.link, at(first.at), first.clicks)]
}

function describeOther(
  { status, at: time, events }: Delivery['others'][number],
  text: Viewer['text'],
  at: (time: number) => string,
): Step {
  const values = { status: nameOf(status, text), time: at(time), count: events }
  return { key: 'contacts.step.other', tone: toneOf(status), values }
}

/** Times of one story: a day is written only when it is another one. @param known a time whose day is known */
function timesAfter(clock: Clock, known: number | undefined) {
  let day = known === undefined ? '' : clock.date(known)
  const year = clock.field(Date.now()).slice(0, 4)
  return (time: number) => {
    if (clock.date(time) === day) return clock.hour(time)
    day = clock.date(time)
    return clock.field(time).startsWith(year) ? clock.minute(time) : clock.exact(time)
  }
}
