import * as z from 'zod'
import { eraseByNameQuery, eraseQuery } from '../operate/erasure/erase.ts'
import { erasuresQuery } from '../operate/erasure/erasures.ts'
import { json, type Operation } from './operation.ts'
import { moment } from './moment.ts'

const WHAT_GOES =
  'Every trace of what happened until now goes: events, names, suppressions, what was set aside, the archive; what is still in the queue, or sent again later, is not kept. Totals stay. Where there is much, or an archive, it goes on by itself: `GET /erasures/{number}` tells when it is finished.'

/** How someone is forgotten. */
export function listErasureOperations(): Operation[] {
  return [
    {
      ...{ method: 'delete', path: '/contacts/{contactId}', operationId: 'eraseContact' },
      ...{ tag: 'Contacts', needs: 'operateToken' },
      summary: 'Forgets a contact',
      description: WHAT_GOES,
      place: { name: 'contactId', description: 'Of Yespo.', schema: { type: 'integer' } },
      query: eraseQuery,
      answers: json('Erased'),
    },
    {
      ...{ method: 'delete', path: '/contacts', operationId: 'eraseByName' },
      ...{ tag: 'Contacts', needs: 'operateToken' },
      summary: 'Forgets all contacts that were seen under a name',
      description: `Exactly one of \`email\`, \`sms\` and \`externalCustomerId\` has to be given. ${WHAT_GOES}`,
      query: eraseByNameQuery,
      answers: json('Erased'),
    },
    {
      ...{ method: 'get', path: '/erasures', operationId: 'listErasures' },
      ...{ tag: 'Contacts', needs: 'readToken' },
      summary: 'Who was forgotten: when, how much, and nothing of whom',
      description: 'The last first.',
      query: erasuresQuery,
      answers: json('Erasures'),
    },
    {
      ...{ method: 'get', path: '/erasures/{number}', operationId: 'showErasure' },
      ...{ tag: 'Contacts', needs: 'readToken' },
      summary: 'How far an erasure is',
      description: 'It says nothing of whom it is about.',
      place: {
        name: 'number',
        description: 'As the erasure was answered with.',
        schema: { type: 'integer' },
      },
      answers: json('ErasureFound'),
    },
  ]
}

/** What they answer. */
export function makeErasureAnswers() {
  const erasure = z.object({
    number: z.int(),
    state: z.enum(['under way', 'finished']),
    erasedAt: moment('When it was asked for'),
    finishedAt: moment('When all was gone').nullable(),
    removed: z.record(z.string(), z.int()).meta({
      description:
        'How many are gone: of `activity`, `names`, `suppressions` the rows, of `quarantineParts` and `deliveryPages` the pieces of text, of `archived` the events.',
    }),
  })
  return {
    Erased: z.object({
      contacts: z.int().meta({ description: 'How many contacts it is about.' }),
      message: z.string().optional().meta({ description: 'If no contact was found: says so.' }),
      erasure,
    }),
    ErasureFound: z.object({ erasure }),
    Erasures: z.object({
      erasures: z.array(erasure),
      next: z.string().nullable().meta({ description: 'The `cursor` of the next page, if any.' }),
    }),
  }
}
