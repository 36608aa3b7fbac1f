import { bounceEndpoints } from './bounces/api.ts'
import { contactEndpoints } from './contacts/api.ts'
import { explainEndpoints } from './contacts/explain.ts'
import { deliveryEndpoints } from './deliveries/api.ts'
import { eraseAgainEndpoints } from './erasure/again.ts'
import { checkEndpoints } from './erasure/check.ts'
import { dataEndpoints } from './erasure/data.ts'
import { erasureEndpoints } from './erasure/api.ts'
import { eraseEndpoints } from './erasure/erase.ts'
import { recordEndpoints } from './erasure/record.ts'
import { eventEndpoints } from './events/api.ts'
import type { Endpoint } from './http/endpoint.ts'
import { serveEndpoints } from './http/serve-endpoints.ts'
import { webhookEndpoints } from './ingest/api.ts'
import { statusEndpoints } from './monitoring/api.ts'
import { anomalyEndpoints } from './monitoring/anomalies/api.ts'
import { digestEndpoints } from './monitoring/digest/api.ts'
import { rebuildEndpoints } from './monitoring/rebuild.ts'
import { describeEndpoints } from './openapi/api.ts'
import { quarantineEndpoints } from './quarantine/api.ts'
import { deleteEndpoints } from './quarantine/delete.ts'
import { replayEndpoints } from './quarantine/replay.ts'
import { reportEndpoints } from './reports/api.ts'
import { allEndpoints } from './reports/all.ts'
import { clickEndpoints } from './reports/clicks.ts'
import { delayEndpoints } from './reports/delays.ts'
import { engagementEndpoints } from './reports/engagement.ts'
import { providerEndpoints } from './reports/providers.ts'
import { peopleEndpoints } from './reports/people.ts'
import { weekEndpoints } from './reports/week.ts'
import { totalsEndpoints } from './reports/totals.ts'
import { suppressionEndpoints } from './suppressions/api.ts'
import { backfillEndpoints } from './sync/api.ts'
import { coverageEndpoints } from './sync/coverage.ts'

/** Every endpoint: what programs may call. In the order in which they are best read. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...eventEndpoints,
  ...contactEndpoints,
  ...explainEndpoints,
  ...deliveryEndpoints,
  ...suppressionEndpoints,
  ...dataEndpoints,
  ...eraseEndpoints,
  ...erasureEndpoints,
  ...recordEndpoints,
  ...eraseAgainEndpoints,
  ...checkEndpoints,
  ...reportEndpoints,
  ...allEndpoints,
  ...totalsEndpoints,
  ...weekEndpoints,
  ...clickEndpoints,
  ...providerEndpoints,
  ...delayEndpoints,
  ...peopleEndpoints,
  ...engagementEndpoints,
  ...bounceEndpoints,
  ...anomalyEndpoints,
  ...digestEndpoints,
  ...coverageEndpoints,
  ...quarantineEndpoints,
  ...replayEndpoints,
  ...deleteEndpoints,
  ...webhookEndpoints,
  ...statusEndpoints,
  ...backfillEndpoints,
  ...rebuildEndpoints,
  ...describeEndpoints,
]

export const api = serveEndpoints(ENDPOINTS)
