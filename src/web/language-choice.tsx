import { setCookie } from 'hono/cookie'
import { isLanguage, LANGUAGES } from '../language/languages.ts'
import { readForm } from './form.ts'
import { ownPath } from './own-path.ts'
import { LANGUAGE_COOKIE, useViewer, type PageContext } from './viewer.tsx'

const MAX_AGE_SECONDS = 365 * 24 * 3600

/** Buttons for the other languages. They lead back to the same page. */
export function LanguageChoice() {
  const { language, here } = useViewer()
  return (
    <form method="post" action="/language" class="language">
      <input type="hidden" name="to" value={here} />
      {Object.entries(LANGUAGES).map(
        ([code, { name }]) =>
          code !== language && (
            <button class="plain" name="language" value={code} lang={code} title={name}>
              <span class="full">{name}</span>
              <span class="code">{name.slice(0, 3)}</span>
            </button>
          ),
      )}
    </form>
  )
}

/** `POST /language`: remembers the language, and goes back to the page. */
export async function chooseLanguage(context: PageContext): Promise<Response> {
  const { language = '', to = '/' } = await readForm(context.req)
  if (isLanguage(language)) {
    setCookie(context, LANGUAGE_COOKIE, language, {
      path: '/',
      httpOnly: true,
      sameSite: 'Lax', // a link from a mail is to open in this language, too
      secure: new URL(context.req.url).protocol === 'https:',
      maxAge: MAX_AGE_SECONDS,
    })
  }
  return context.redirect(ownPath(to, context.req.url), 303)
}
