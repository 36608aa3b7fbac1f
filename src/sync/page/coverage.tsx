import * as z from 'zod'
import { DAY_MS } from '../../event/clock.ts'
import { readsApi } from '../../settings/settings.ts'
import { readCoverage } from '../../db/sync/coverage.ts'
import { listRuns } from '../../db/sync/runs.ts'
import { startOfDay } from '../../db/monitor/usage.ts'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { showPage, useViewer, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { mayOperate } from '../../web/session/session.ts'
import { SyncForm, SyncRuns } from './runs.tsx'
import { dayInLink, DayTable, KindTable } from './table.tsx'

const PERIODS = [7, 30, 90] as const // Yespo keeps 90 days
const SHOWN_RUNS = 20

const coverageQuery = z.strictObject({
  days: z
    .enum(PERIODS.map(String), { error: `must be one of ${PERIODS.join(', ')}` })
    .default('7')
    .transform(Number),
  day: z.iso.date('must be a day such as 2026-01-31').transform(Date.parse).optional(),
})

/** `GET /coverage` in a browser: what the webhook missed, by day, and the recent syncs. */
export async function showCoverage(context: PageContext): Promise<Response> {
  const { env, req } = context
  const query = readPageQuery(coverageQuery, req.url)
  const now = Date.now()
  const { text, clock } = viewerOf(context)
  const { day, days } = query
  const period = { since: startOfDay(now) - (days - 1) * DAY_MS, until: startOfDay(now) + DAY_MS }
  const [all, ofDay, runs] = await Promise.all([
    readCoverage(env.DB, period, DAY_MS),
    day === undefined
      ? undefined
      : readCoverage(env.DB, { since: day, until: day + DAY_MS }, DAY_MS),
    listRuns(env.DB, SHOWN_RUNS),
  ])
  const isOn = readsApi(env)
  return showPage(
    context,
    <Layout view="/status" title={text('coverage.title')}>
      <p>{text('coverage.intro')}</p>
      {!isOn && <SyncOff />}
      <div class="bar">
        <Days days={days} />
      </div>
      {all.lines.length > 0 ? (
        <DayTable lines={all.lines} days={days} />
      ) : (
        <p class="empty">{text('coverage.none')}</p>
      )}
      {!all.complete && <p class="note">{text('coverage.tooMuch')}</p>}
      {day !== undefined && ofDay && (
        <section>
          <h2>{dayInLink(day)}</h2>
          {ofDay.lines.length > 0 ? (
            <KindTable lines={ofDay.lines} day={day} />
          ) : (
            <p class="empty">{text('coverage.noneOfDay')}</p>
          )}
        </section>
      )}
      <SyncRuns runs={runs} mayCancel={mayOperate(context)} />
      {isOn && mayOperate(context) && (
        <SyncForm since={clock.field(day ?? now - DAY_MS)} until={clock.field(now)} />
      )}
      <p class="quiet">{text('coverage.footer', { zone: clock.name })}</p>
    </Layout>,
  )
}

/** `GET /coverage/syncs`: only the recent syncs, to renew them. */
export async function showSyncs(context: PageContext): Promise<Response> {
  const runs = await listRuns(context.env.DB, SHOWN_RUNS)
  return showPage(context, <SyncRuns runs={runs} mayCancel={mayOperate(context)} />)
}

function Days({ days }: { days: number }) {
  const { text } = useViewer()
  return (
    <nav class="switch" aria-label={text('coverage.period')}>
      {PERIODS.map((each) => (
        <a
          href={link('/coverage', { days: each })}
          aria-current={each === days ? 'true' : undefined}
        >
          {text('coverage.days', { count: each })}
        </a>
      ))}
    </nav>
  )
}

function SyncOff() {
  const { rich } = useViewer()
  return (
    <p class="note">
      {rich('coverage.off', { link: (content) => <a href="/status">{content}</a> })}
    </p>
  )
}
