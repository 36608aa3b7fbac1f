import { statusQuery } from '../monitoring/api.ts'
import { json, type Operation } from './operation.ts'

/** How the receiver does. */
export function listStatus(): Operation[] {
  return [
    {
      method: 'get',
      path: '/status',
      operationId: 'showStatus',
      tag: 'Service',
      needs: 'readToken',
      summary: 'How the receiver does, for monitors',
      description:
        'Always 200 where it can be answered: `status` is `attention` where something is not as it should be, and `problems` say since when and what to do. They are looked for every 5 minutes, and told to `ALERT_URL` once when they begin and once when they end. Where there is much to count, `quarantined`, `retention` and `erasures` are up to a minute old, and with very much some minutes. In a browser this address is a page.',
      query: statusQuery,
      answers: json('ReceiverStatus'),
    },
  ]
}
