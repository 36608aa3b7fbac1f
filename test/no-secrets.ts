import { SECRET_NAMES } from '../src/settings/table.ts'

/** Every secret of the receiver, empty, because .dev.vars belongs to the local receiver. */
export const NO_SECRETS = Object.fromEntries(SECRET_NAMES.map((name) => [name, '']))
