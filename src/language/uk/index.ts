import { common } from './common.ts'
import { digest } from './digest.ts'
import { errors } from './errors.ts'
import { alerts } from './alerts.ts'
import { bounces } from './bounces.ts'
import { campaigns } from './campaigns.ts'
import { contacts } from './contacts.ts'
import { coverage } from './coverage.ts'
import { engagement } from './engagement.ts'
import { erasure } from './erasure.ts'
import { events } from './events.ts'
import { overview } from './overview.ts'
import { providers } from './providers.ts'
import { quarantine } from './quarantine.ts'
import { setup } from './setup.ts'
import { status } from './status.ts'

/** The texts in Ukrainian. */
export const uk = {
  ...common,
  ...digest,
  ...errors,
  ...alerts,
  ...bounces,
  ...campaigns,
  ...contacts,
  ...coverage,
  ...engagement,
  ...erasure,
  ...events,
  ...overview,
  ...providers,
  ...quarantine,
  ...setup,
  ...status,
}
