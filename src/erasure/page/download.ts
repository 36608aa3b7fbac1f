import { readContactId, unknownContact } from '../../contacts/page/contact-id.ts'
import type { PageContext } from '../../web/viewer.tsx'
import { exportData } from '../data.ts'

/** `GET /contact/{contactId}/data`: everything about a contact as a file, for whoever is signed in. */
export async function downloadData(context: PageContext): Promise<Response> {
  const file = await exportData(context.env, readContactId(context))
  if (!file) throw unknownContact()
  return file
}
