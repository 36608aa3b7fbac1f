import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ENDPOINTS } from '../../src/api-routes.ts'
import { describeApi } from '../../src/openapi/openapi.ts'
import { describePolicy, renderPage } from '../../src/openapi/page.ts'

const BUILT = join(import.meta.dirname, '../../src/openapi/built')
const api = describeApi(ENDPOINTS)

// `npm test -- test/openapi -u` writes them.
it('the built documentation is that of the endpoints', async () => {
  const page = String(await renderPage(api))
  await expect(`${JSON.stringify(api, null, 2)}\n`).toMatchFileSnapshot(
    join(BUILT, 'openapi.json.txt'),
  )
  await expect(page).toMatchFileSnapshot(join(BUILT, 'docs.html'))
  await expect(describePolicy()).toMatchFileSnapshot(join(BUILT, 'docs-policy.txt'))
})
