import type { HonoRequest } from 'hono'
import { Refusal } from '../../refusal.ts'

/**
 * The fields of a form that are text.
 *
 * @throws Refusal 400 `invalid_form` where what was sent is no form
 */
export async function readForm(request: HonoRequest): Promise<Partial<Record<string, string>>> {
  const fields = await request.parseBody().catch((error: unknown) => {
    if (error instanceof TypeError) throw new Refusal(400, 'invalid_form', 'This is not a form.')
    throw error
  })
  return Object.fromEntries(
    Object.entries(fields).filter(
      (field): field is [string, string] => typeof field[1] === 'string',
    ),
  )
}
