import { createMiddleware } from 'hono/factory'
import { Refusal } from '../refusal.ts'
import { matchesAny } from '../secret.ts'
import { readSettings } from '../settings.ts'

const BEARER = /^bearer +(\S+) *$/i

/** Lets requests on that carry the read token. Throws Refusal 401, or 503 where none is set. */
export const authorize = createMiddleware<{ Bindings: Env }>(async ({ env, req }, next) => {
  const { tokens } = readSettings(env)
  const offered = BEARER.exec(req.header('Authorization') ?? '')?.[1]
  if (offered === undefined || !matchesAny(tokens, offered)) {
    throw new Refusal(
      401,
      'unauthorized',
      'This asks for the read token: send the header "Authorization: Bearer READ_TOKEN".',
      { headers: { 'WWW-Authenticate': 'Bearer realm="activity"' } },
    )
  }
  await next()
})
