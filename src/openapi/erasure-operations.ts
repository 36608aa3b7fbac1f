import { eraseByNameQuery, eraseQuery } from '../erasure/erase.ts'
import { againQuery } from '../erasure/again.ts'
import { recordQuery } from '../erasure/record.ts'
import { erasuresQuery } from '../erasure/api.ts'
import { json, type Operation } from './operation.ts'

const WHAT_GOES =
  'Every trace of what happened until now goes: events, names, suppressions, what was set aside, the archive; what is still in the queue, or sent again later, is not kept. Totals stay. Where there is much, or an archive, it goes on by itself: `GET /erasures/{number}` tells when it is finished.'

/** How someone is forgotten. */
export function listErasureOperations(): Operation[] {
  return [
    {
      method: 'delete',
      path: '/contacts/{contactId}',
      operationId: 'eraseContact',
      tag: 'Contacts',
      needs: 'operateToken',
      summary: 'Forgets a contact',
      description: WHAT_GOES,
      place: { name: 'contactId', description: 'Of Yespo.', schema: { type: 'integer' } },
      query: eraseQuery,
      answers: json('Erased'),
    },
    {
      method: 'delete',
      path: '/contacts',
      operationId: 'eraseByName',
      tag: 'Contacts',
      needs: 'operateToken',
      summary: 'Forgets all contacts that were seen under a name',
      description: `Exactly one of \`email\`, \`sms\` and \`externalCustomerId\` has to be given. ${WHAT_GOES}`,
      query: eraseByNameQuery,
      answers: json('Erased'),
    },
    {
      method: 'get',
      path: '/erasures',
      operationId: 'listErasures',
      tag: 'Contacts',
      needs: 'readToken',
      summary: 'Who was forgotten: when, how much, and nothing of whom',
      description: 'The last first.',
      query: erasuresQuery,
      answers: json('Erasures'),
    },
    {
      method: 'get',
      path: '/erasures/{number}',
      operationId: 'showErasure',
      tag: 'Contacts',
      needs: 'readToken',
      summary: 'How far an erasure is',
      description: 'It says nothing of whom it is about.',
      place: {
        name: 'number',
        description: 'As the erasure was answered with.',
        schema: { type: 'integer' },
      },
      answers: json('ErasureFound'),
    },
    ...listRecordOperations(),
  ]
}

/** How erasures are carried out again, after the database was restored to a moment from before. */
function listRecordOperations(): Operation[] {
  return [
    {
      method: 'get',
      path: '/erasures/record',
      operationId: 'showErasureRecord',
      tag: 'Contacts',
      needs: 'readToken',
      summary: 'Who was forgotten, in digests, to be kept outside the database',
      description:
        'It names nobody, and only the key in the database makes such digests. Where an archive is bound, the same is written to its bucket by itself. `npm run erase-again -- --save FILE` saves it.',
      query: recordQuery,
      answers: json('ErasureRecordPage'),
    },
    {
      method: 'post',
      path: '/erasures/record',
      operationId: 'takeErasureRecord',
      tag: 'Contacts',
      needs: 'operateToken',
      summary: 'Takes such a record in, after the database was restored',
      description: 'From then on nothing about anyone in it from before is stored any more.',
      body: { schema: 'ErasureRecord', description: 'The `record` of a page, as it came.' },
      answers: json('RecordTaken'),
    },
    {
      method: 'post',
      path: '/erasures/again',
      operationId: 'eraseAgain',
      tag: 'Contacts',
      needs: 'operateToken',
      summary: 'Erases all who were forgotten once more, one step of it',
      description:
        'After the database was restored: takes in the record of the bucket, goes through all that is stored, and erases again whom it finds; what happened and came in after they were forgotten stays. The next step begins at `next`. `npm run erase-again` takes all steps.',
      query: againQuery,
      answers: json('EraseAgainStep'),
    },
  ]
}
