import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { PAGES } from '../../src/page-routes.tsx'
import { app } from '../../src/routes.ts'
import { quarantined } from '../quarantine.ts'
import { ORIGIN, visit } from '../visit.ts'

const PATHS = Object.keys(PAGES).filter((path) => !path.includes(':'))

it.each(PATHS)('shows %s whatever unknown parameters its URL has', async (path) => {
  const query = 'limit=5&utm_source=mail&utm_source=again&__proto__=1&constructor=1'
  expect((await visit(`${path}?${query}`)).status).toBe(200)
})

it('applies the parameters that it knows', async () => {
  await quarantined({ sent: 'kept', reason: 'wanted' })
  await quarantined({ sent: 'left out', reason: 'other' })
  const page = await (await visit('/quarantine?limit=5&reason=wanted')).text()
  expect(page).toContain('kept')
  expect(page).not.toContain('left out')
})

it('rejects unknown parameters in the API at the same URL', async () => {
  const headers = { Authorization: `Bearer ${env.READ_TOKEN}` }
  for (const path of ['/quarantine?unheardOf=1', '/status?unheardOf=1', '/coverage?days=7']) {
    expect((await app.request(`${ORIGIN}${path}`, { headers }, env)).status).toBe(400)
  }
})
