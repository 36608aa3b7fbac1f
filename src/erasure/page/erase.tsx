import { eraseQuery, eraseContactNow } from '../erase.ts'
import { parseQuery } from '../../http/parse-query.ts'
import { countContactEvents, MAX_CONTACT_EVENTS } from '../../db/events/contact-events.ts'
import { listSomeIdentifiers, type SomeIdentifiers } from '../../db/events/identifiers.ts'
import { LANGUAGE_CODES } from '../../language/languages.ts'
import { textOf } from '../../language/messages.ts'
import { readForm } from '../../web/form.ts'
import { Layout } from '../../web/layout.tsx'
import { showPage, useViewer, type PageContext } from '../../web/viewer.tsx'
import { Addresses } from '../../contacts/page/summary.tsx'
import { readContactId, unknownContact } from '../../contacts/page/contact-id.ts'

/** `GET /contact/{contactId}/erase`: shows the consequences, and asks for confirmation. */
export async function confirmErase(context: PageContext): Promise<Response> {
  return showPage(context, await askAbout(context.env, readContactId(context), {}))
}

/** `POST /contact/{contactId}/erase`: starts the erasure, and redirects to its page. */
export async function erase(context: PageContext): Promise<Response> {
  const id = readContactId(context)
  const { suppressions: choice = 'erase', word = '' } = await readForm(context.req)
  const { suppressions } = parseQuery(eraseQuery, new URLSearchParams({ suppressions: choice }))
  if (!isConfirmed(word)) {
    const kept = { isWrong: true, keeps: suppressions === 'keep' }
    return showPage(context, await askAbout(context.env, id, kept), 400)
  }
  const number = await eraseContactNow(context.env, id, suppressions)
  return context.redirect(`/erasures/${number}`, 303)
}

/** Whether the word is typed, in any language. */
function isConfirmed(word: string): boolean {
  const typed = word.trim().toLowerCase()
  return LANGUAGE_CODES.some((language) => textOf(language, 'erasure.word') === typed)
}

/** What was filled in before. */
type Kept = { isWrong?: boolean; keeps?: boolean }

async function askAbout(env: Env, id: string, kept: Kept) {
  const [identifiers, counts] = await Promise.all([
    listSomeIdentifiers(env.DB, [id]),
    countContactEvents(env.DB, id),
  ])
  if (!identifiers.has(id) && counts.length === 0) throw unknownContact('erasure.unknown')
  const events = counts.reduce((sum, each) => sum + each.events, 0)
  return <Question id={id} identifiers={identifiers.get(id)} events={events} kept={kept} />
}

function Question({
  id,
  identifiers,
  events,
  kept,
}: {
  id: string
  identifiers: SomeIdentifiers | undefined
  events: number
  kept: Kept
}) {
  const { text } = useViewer()
  return (
    <Layout view="/contact" title={text('erasure.title', { id })}>
      {kept.isWrong && (
        <p class="note bad" role="alert">
          {text('erasure.wrongWord', { word: text('erasure.word') })}
        </p>
      )}
      <p class="note warn">{text('erasure.irrevocable')}</p>
      <Addresses identifiers={identifiers} />
      <Consequences events={events} />
      <EraseForm id={id} kept={kept} />
      <p>
        <a href={`/contact/${id}`}>{text('action.cancel')}</a>
      </p>
    </Layout>
  )
}

function EraseForm({ id, kept }: { id: string; kept: Kept }) {
  const { text } = useViewer()
  return (
    <form method="post" action={`/contact/${id}/erase`}>
      <p class="inline">
        <input
          id="keep"
          type="checkbox"
          name="suppressions"
          value="keep"
          checked={kept.keeps}
          aria-describedby="kept"
        />
        <label for="keep">{text('erasure.keep')}</label>
      </p>
      <p id="kept" class="quiet">
        {text('erasure.keep.note')}
      </p>
      <p class="bar">
        <label for="word">{text('erasure.confirm', { word: text('erasure.word') })}</label>
        <input
          id="word"
          name="word"
          required
          size={10}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={kept.isWrong ? 'true' : undefined}
        />
        <button class="danger">{text('erasure.button')}</button>
      </p>
    </form>
  )
}

function Consequences({ events }: { events: number }) {
  const { text } = useViewer()
  const isMore = events >= MAX_CONTACT_EVENTS ? 'yes' : 'no'
  return (
    <>
      <h2>{text('erasure.goes')}</h2>
      <ul>
        <li>{text('erasure.goes.events', { count: events, isMore })}</li>
        <li>{text('erasure.goes.addresses')}</li>
        <li>{text('erasure.goes.items')}</li>
        <li>{text('erasure.goes.late')}</li>
      </ul>
      <h2>{text('erasure.stays')}</h2>
      <ul>
        <li>{text('erasure.stays.totals')}</li>
        <li>{text('erasure.stays.others')}</li>
        <li>{text('erasure.stays.yespo')}</li>
      </ul>
      <p>{text('erasure.future')}</p>
    </>
  )
}
