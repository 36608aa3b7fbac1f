import { HttpError } from '../platform/http-error.ts'
import { webhookSettings } from '../settings/settings.ts'

/** How to set up the webhook: the fields of Yespo's form. */
export function FirstEvent({ origin, env }: { origin: string; env: Env }) {
  const setup = readSetup(env)
  return (
    <>
      <Waiting hasAnyEvent={false} />
      {'error' in setup ? (
        <p class="note bad">
          {setup.error} Until this is fixed, every request from Yespo is rejected.
        </p>
      ) : (
        <>
          <p>
            In Yespo, open <b>Account settings → Data export → New data export → Webhook</b> and
            fill in:
          </p>
          <dl class="form">
            <Field name="Webhook name" value="Yespo receiver" />
            <Field name="Webhook URL" value={`${origin}/webhooks/yespo`} />
            <Field name="Authentication" text={setup.hasLogin ? 'on' : 'off'} />
            {setup.hasLogin && (
              <>
                <Field name="Login" {...(setup.login !== undefined && { value: setup.login })} />
                <Field
                  name="Password"
                  text="the secret WEBHOOK_PASSWORD: what you entered for the Deploy button, or from .deploy.vars (.dev.vars of a local receiver)"
                />
              </>
            )}
            <Field
              name="Headers"
              text={setup.headers.length === 0 ? 'none' : 'from the secret WEBHOOK_HEADERS:'}
            />
            {setup.headers.map((header) => (
              <Field name="+ Add header" value={header} />
            ))}
            <Field name="Export activity statuses" text="all" />
          </dl>
          <p>
            Then press <b>Send test → Submit</b>: a green banner with code 200, and this page turns
            green. Save the webhook after that.
          </p>
          <p class="quiet">
            Without Yespo: <code>npm run send-test</code> sends its sample events to a receiver.
          </p>
        </>
      )}
    </>
  )
}

/** Turns green when the first event has come. */
export function Waiting({ hasAnyEvent }: { hasAnyEvent: boolean }) {
  return hasAnyEvent ? (
    <p id="waiting" class="note good" role="status">
      ✓ The first event has arrived. <a href="/">See it</a>
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
      <i class="pulse"></i> Waiting for the first event…
    </p>
  )
}

function Field({ name, value, text }: { name: string; value?: string; text?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value !== undefined && <code>{value}</code>} {text}
        {value !== undefined && (
          <button type="button" class="plain" data-copy={value} hidden>
            Copy<span class="unseen"> {name}</span>
          </button>
        )}
      </dd>
    </div>
  )
}

type Setup = { hasLogin: boolean; login: string | undefined; headers: string[] } | { error: string }

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
