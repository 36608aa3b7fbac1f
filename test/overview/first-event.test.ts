import { beforeEach, expect, it } from 'vitest'
import { clearTables } from '../receiver.ts'
import { ORIGIN, visit } from '../visit.ts'

beforeEach(clearTables)

const SECRETS = {
  WEBHOOK_LOGIN: 'entered-login',
  WEBHOOK_PASSWORD: 'entered-password-123',
  READ_TOKEN: 'entered-read-token-123',
  OPERATE_TOKEN: 'operate-token-of-the-build',
}

async function show(changed: Partial<Env>): Promise<string> {
  const response = await visit('/', { token: SECRETS.READ_TOKEN, changed })
  return response.text()
}

it('shows what to enter in Yespo, knowing only the secrets of the button, and no secret', async () => {
  const page = await show(SECRETS)
  expect(page).toContain(`${ORIGIN}/webhooks/yespo`)
  expect(page).toContain('entered-login')
  expect(page).toContain('data-live="/first-event"')
  expect(page).not.toMatch(/entered-password-123|entered-read-token-123|operate-token-of-the-build/)
})

it('names a secret that the webhook cannot use, without showing it', async () => {
  const page = await show({ ...SECRETS, WEBHOOK_PASSWORD: 'short' })
  expect(page).toContain('The setting WEBHOOK_PASSWORD')
  expect(page).not.toMatch(/\bshort\b/)
})
