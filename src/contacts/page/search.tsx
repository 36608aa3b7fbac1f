import { MIN_PIECE } from '../../db/events/search-identifiers.ts'
import type { FoundMessage } from '../../db/reports/campaigns.ts'
import type { StoredEvent } from '../../db/stored-event.ts'
import { EventRows } from '../../events/page/event-list.tsx'
import { openHistory } from '../../history/history.ts'
import { integer } from '../../http/query-fields.ts'
import { cutText, shorten } from '../../platform/cut-text.ts'
import { operateSettings } from '../../settings/settings.ts'
import { channelName } from '../../web/channel-name.ts'
import { readForm } from '../../web/form.ts'
import { Layout } from '../../web/layout.tsx'
import { showPage, useViewer, type PageContext } from '../../web/viewer.tsx'
import { findAnything, findMore, type Found, type FoundContact } from '../find.ts'

const MAX_INPUT = 2_000 // characters, as in the API
const MAX_SHOWN = 300 // characters of it

/** `GET /contact` and `GET /search`: the search form. */
export function showSearch(context: PageContext): Response | Promise<Response> {
  return showPage(context, <Start />)
}

/**
 * `POST /search`, and `POST /contact`: redirects to the contact or campaign with an address, ID or name, which is never in
 * a URL, or lists what contains it.
 */
export async function search(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { query, name = '', after = '' } = await readForm(req)
  const input = cutText((query ?? name).trim(), MAX_INPUT)
  if (input === '') return context.redirect('/search', 303)
  const history = openHistory(env)
  const from = integer.safeParse(after).data
  const found = await (from === undefined
    ? findAnything(history, input, operateSettings(env).phoneCountry)
    : findMore(history, input, from))
  const path = from === undefined ? onlyHit(found) : undefined
  if (path !== undefined) return context.redirect(path, 303)
  return showPage(context, <Results input={input} found={found} />)
}

/** The page of the only thing that was found. */
function onlyHit({ contacts, messages, next, isCut, isOther }: Found): string | undefined {
  if (contacts.length + messages.length !== 1 || next !== null || isCut || isOther) return undefined
  const [contact, message] = [contacts[0], messages[0]]
  return contact ? `/contact/${contact.contactId}` : `/campaigns/${message?.messageId}`
}

function Start() {
  const { text } = useViewer()
  return (
    <Layout view="/contact">
      <SearchForm />
      <p class="empty">{text('contacts.search.help')}</p>
      <p>
        <a href="/erasures">{text('erasure.list')}</a>
      </p>
    </Layout>
  )
}

function Results({ input, found }: { input: string; found: Found }) {
  const { text, rich } = useViewer()
  const { contacts, messages, nameless, next, isCut, isOther } = found
  const isNothing = contacts.length + messages.length + nameless.length === 0
  return (
    <Layout view="/contact" title={text('contacts.search.results')}>
      <SearchForm input={input} />
      {isOther && (
        <p class="note warn">
          {rich('contacts.search.part', { input: <bdi>{shorten(input, MAX_SHOWN)}</bdi> })}
        </p>
      )}
      <Contacts contacts={contacts} isAll={next === null && !isCut} />
      <Messages messages={messages} />
      {isCut && <p class="quiet">{text('contacts.search.cut')}</p>}
      {next !== null && <SearchOn input={input} after={next} isEmpty={isNothing} />}
      {nameless.length > 0 && <Nameless events={nameless} />}
      {isNothing && next === null && <Nothing input={input} />}
    </Layout>
  )
}

/** The search form of the page. @param input the text of the previous search */
function SearchForm({ input = '' }: { input?: string }) {
  const { text } = useViewer()
  return (
    <form
      method="post"
      action="/search"
      class="bar"
      role="search"
      aria-label={text('contacts.search')}
      data-typed
    >
      <label for="query">{text('contacts.search.label')}</label>
      <input
        id="query"
        type="search"
        name="query"
        value={input}
        size={36}
        required
        autocomplete="off"
        spellcheck={false}
      />
      <button>{text('contacts.search.find')}</button>
    </form>
  )
}

function Contacts({ contacts, isAll }: { contacts: readonly FoundContact[]; isAll: boolean }) {
  const { text } = useViewer()
  if (contacts.length === 0) return null
  return (
    <>
      <div role="status">
        <h2>
          {text(isAll ? 'contacts.search.contacts' : 'contacts.search.some', {
            count: contacts.length,
          })}
        </h2>
      </div>
      <ul class="card plain-list">
        {contacts.map(({ contactId, names }) => {
          const [first, ...others] = Object.values(names).flat().slice(0, 5)
          const name = text('event.contact', { id: contactId })
          return (
            <li>
              <a href={`/contact/${contactId}`}>
                <bdi>{first === undefined ? name : shorten(first, MAX_SHOWN)}</bdi>
              </a>{' '}
              <span class="quiet">
                <bdi>
                  {shorten(
                    [...(first === undefined ? [] : [name]), ...others].join(', '),
                    MAX_SHOWN,
                  )}
                </bdi>
              </span>
            </li>
          )
        })}
      </ul>
    </>
  )
}

function Messages({ messages }: { messages: readonly FoundMessage[] }) {
  const { text } = useViewer()
  if (messages.length === 0) return null
  return (
    <>
      <div role="status">
        <h2>{text('contacts.search.campaigns', { count: messages.length })}</h2>
      </div>
      <ul class="card plain-list">
        {messages.map(({ messageId, messageName, mediaType }) => {
          const id = text('event.message', { id: messageId })
          const name = messageName?.trim() ?? ''
          return (
            <li>
              <a href={`/campaigns/${messageId}`}>
                <bdi>{name === '' ? id : shorten(name, MAX_SHOWN)}</bdi>
              </a>{' '}
              <span class="quiet">
                <bdi>{channelName(mediaType, text)}</bdi> {name !== '' && id}
              </span>
            </li>
          )
        })}
      </ul>
    </>
  )
}

/** The form that continues a search. */
function SearchOn({ input, after, isEmpty }: { input: string; after: string; isEmpty: boolean }) {
  const { text } = useViewer()
  return (
    <form method="post" action="/search">
      <input type="hidden" name="query" value={input} />
      <input type="hidden" name="after" value={after} />
      <p role="status">
        {text(isEmpty ? 'contacts.search.noneSoFar' : 'contacts.search.soFar', { id: after })}{' '}
        <button class="plain">{text('contacts.search.on')}</button>
      </p>
    </form>
  )
}

function Nameless({ events }: { events: readonly StoredEvent[] }) {
  const { text } = useViewer()
  return (
    <>
      <p role="status">{text('contacts.search.nameless')}</p>
      <ol class="events">
        <EventRows events={events} />
      </ol>
    </>
  )
}

/** That nothing has a text, and what to check. */
function Nothing({ input }: { input: string }) {
  const { text, rich } = useViewer()
  return (
    <div class="empty" role="status">
      <p>
        <strong>
          {rich('contacts.search.nothing', { input: <bdi>{shorten(input, MAX_SHOWN)}</bdi> })}
        </strong>
      </p>
      <ul>
        <li>{text('contacts.search.check.spelling', { least: MIN_PIECE })}</li>
        <li>{text('contacts.search.check.other')}</li>
        <li>{text('contacts.search.check.before')}</li>
        <li>{text('contacts.search.check.erased')}</li>
      </ul>
    </div>
  )
}
