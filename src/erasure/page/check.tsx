import { readForm } from '../../web/form.ts'
import { HiddenFields } from '../../web/hidden-fields.tsx'
import { Layout } from '../../web/layout.tsx'
import { showPage, useViewer, type PageContext } from '../../web/viewer.tsx'
import { countFound, takeCheckStep, type CheckStep } from '../check.ts'

/** `GET /erasures/check`: the form that starts a check. */
export function showCheck(context: PageContext): Response | Promise<Response> {
  return showPage(context, <Start />)
}

/** `POST /erasures/check`: a step of the check that nothing is left of those who were erased. */
export async function checkErasures(context: PageContext): Promise<Response> {
  const { next = '' } = await readForm(context.req)
  const step = await takeCheckStep(context.env, next === '' ? undefined : next)
  return showPage(context, <Check step={step} />)
}

/** The form that starts a check. */
export function CheckStart() {
  const { text } = useViewer()
  return (
    <>
      <h2>{text('erasure.check')}</h2>
      <p>{text('erasure.check.help')}</p>
      <form method="post" action="/erasures/check">
        <button class="plain">{text('erasure.check.start')}</button>
      </form>
    </>
  )
}

function Start() {
  const { text } = useViewer()
  return (
    <Layout view="/contact" title={text('erasure.list')}>
      <CheckStart />
    </Layout>
  )
}

function Check({ step }: { step: CheckStep }) {
  const { text } = useViewer()
  const { finished, underWay, next } = step
  return (
    <Layout view="/contact" title={text('erasure.check')}>
      <Result step={step} />
      {underWay > 0 && (
        <p class="note warn">{text('erasure.check.running', { count: underWay })}</p>
      )}
      <form method="post" action="/erasures/check" data-next-step={finished ? undefined : ''}>
        <HiddenFields fields={{ next: next ?? undefined }} />
        <button class="plain">
          {text(finished ? 'erasure.check.again' : 'erasure.check.continue')}
        </button>
      </form>
      <p>
        <a href="/erasures">{text('erasure.all')}</a>
      </p>
    </Layout>
  )
}

function Result({ step: { finished, searched, found } }: { step: CheckStep }) {
  const { text } = useViewer()
  const list = text('erasure.searched', searched)
  const count = countFound(found)
  if (count > 0) {
    return (
      <div class="note bad" role="status">
        <p>{text('erasure.check.left', { count, list })}</p>
        <p>{text('erasure.check.left.help')}</p>
      </div>
    )
  }
  if (!finished) return <p role="status">{text('erasure.check.soFar', { list })}</p>
  return (
    <p class="note good" role="status">
      {text('erasure.check.clean', { list })}
    </p>
  )
}
