import { HttpError } from '../platform/http-error.ts'
import { webhookSettings } from '../settings/settings.ts'
import { useViewer } from '../web/viewer.tsx'

/** The fields of Yespo's form, as its English interface names them. */
const FIELDS = {
  name: 'Webhook name',
  url: 'Webhook URL',
  authentication: 'Authentication',
  login: 'Login',
  password: 'Password',
  headers: 'Headers',
  header: '+ Add header',
  statuses: 'Export activity statuses',
} as const

/** How to set up the webhook: the fields of Yespo's form. */
export function FirstEvent({ origin, env }: { origin: string; env: Env }) {
  const { text, rich } = useViewer()
  const setup = readSetup(env)
  const bold = { b: (content: unknown) => <b>{content}</b> }
  return (
    <>
      <Waiting hasAnyEvent={false} />
      {'error' in setup ? (
        <p class="note bad">{text('setup.rejecting', { error: setup.error })}</p>
      ) : (
        <>
          <p>{rich('setup.open', bold)}</p>
          <Form setup={setup} origin={origin} />
          <p>{rich('setup.test', bold)}</p>
          <p class="quiet">
            {rich('setup.without', { code: (content) => <code>{content}</code> })}
          </p>
        </>
      )}
    </>
  )
}

function Form({ setup: { hasLogin, login, headers }, origin }: { setup: Webhook; origin: string }) {
  const { text } = useViewer()
  return (
    <dl class="card form">
      <Field name={FIELDS.name} value={text('product')} />
      <Field name={FIELDS.url} value={`${origin}/webhooks/yespo`} />
      <Field name={FIELDS.authentication} text={text(hasLogin ? 'setup.on' : 'setup.off')} />
      {hasLogin && (
        <>
          <Field name={FIELDS.login} value={login} />
          <Field name={FIELDS.password} text={text('setup.password')} />
        </>
      )}
      <Field
        name={FIELDS.headers}
        text={text(headers.length === 0 ? 'setup.noHeaders' : 'setup.headers')}
      />
      {headers.map((header) => (
        <Field name={FIELDS.header} value={header} />
      ))}
      <Field name={FIELDS.statuses} text={text('setup.all')} />
    </dl>
  )
}

/** Turns green when the first event has come. */
export function Waiting({ hasAnyEvent }: { hasAnyEvent: boolean }) {
  const { text, rich } = useViewer()
  return hasAnyEvent ? (
    <p id="waiting" class="note good" role="status">
      {rich('setup.arrived', { link: (content) => <a href="/">{content}</a> })}
    </p>
  ) : (
    <p
      id="waiting"
      class="note"
      role="status"
      data-live="/first-event"
      data-seconds="2"
      data-slowest="10"
    >
      <i class="pulse"></i> {text('setup.waiting')}
    </p>
  )
}

function Field({
  name,
  value,
  text: shown,
}: {
  name: string
  value?: string | undefined
  text?: string
}) {
  const { text } = useViewer()
  return (
    <div>
      <dt lang="en">{name}</dt>
      <dd>
        {value !== undefined && <code>{value}</code>} {shown}
        {value !== undefined && (
          <button
            type="button"
            class="plain"
            data-copy={value}
            aria-label={text('setup.copy', { name })}
            hidden
          >
            {text('action.copy')}
          </button>
        )}
      </dd>
    </div>
  )
}

type Webhook = { hasLogin: boolean; login: string | undefined; headers: string[] }

type Setup = Webhook | { error: string }

function readSetup(env: Env): Setup {
  try {
    const { credentials, login, headerSets } = webhookSettings(env)
    const headers = (headerSets[0] ?? []).map(({ name }) => name)
    return { hasLogin: credentials.length > 0, login, headers }
  } catch (error) {
    if (error instanceof HttpError) return { error: error.message }
    throw error
  }
}
